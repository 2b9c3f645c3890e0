//! Who wins a call, and what everybody else learns.

use insta::assert_snapshot;

use crate::call::tests::scenario::check;

#[test]
fn the_first_who_claims_talks_and_all_others_stop_ringing() {
    let transcript = check(
        "
        +0s door dials 301: mum dad kid
        +4s dad claims saying on my way
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad kid
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      > kid: offer, c1 v1, media watch
      lines: door in c1
    +4s dad claims saying on my way
      accepted, see c1 v2
      c1 v2 active with dad/phone saying on my way, deadline +7204s (talk)
      > door: answered, c1 v2, media talk
      > mum: closed AnsweredElsewhere, c1 v2, media none
      > dad: answered, c1 v2, media talk
      > kid: closed AnsweredElsewhere, c1 v2, media none
      lines: dad in c1, door in c1
    ");
}

#[test]
fn two_who_claim_together_are_one_winner_and_one_who_learns_it() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +4s mum claims
        +4s dad claims
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +4s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7204s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      > dad: closed AnsweredElsewhere, c1 v2, media none
      lines: door in c1, mum in c1
    +4s dad claims
      refused AnsweredElsewhere, see c1 v2
    ");
}

#[test]
fn the_winners_hand_may_claim_again() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +4s mum claims
        +5s mum claims
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +4s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7204s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      lines: door in c1, mum in c1
    +5s mum claims
      accepted, see c1 v2
    ");
}

#[test]
fn two_hands_of_one_endpoint_never_both_win() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +4s mum/phone claims
        +4s mum/tablet claims
        +5s mum/tablet hangs up
        +5s mum/tablet declines resident
        +5s mum/tablet gives up
        +6s mum/phone hangs up
        +7s mum/tablet hangs up
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +4s mum/phone claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7204s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      lines: door in c1, mum in c1
    +4s mum/tablet claims
      refused AnsweredElsewhere, see c1 v2
    +5s mum/tablet hangs up
      refused AnsweredElsewhere, see c1 v2
    +5s mum/tablet declines resident
      refused AnsweredElsewhere, see c1 v2
    +5s mum/tablet gives up
      refused AnsweredElsewhere, see c1 v2
    +6s mum/phone hangs up
      accepted, see c1 v3
      c1 v3 ended Answered by Leg(LegNo(0))
      > door: ended, c1 v3, media none
      > mum: closed HungUp, c1 v3, media none
      lines:
    +7s mum/tablet hangs up
      refused AnsweredElsewhere, see c1 v3
    ");
}

#[test]
fn the_winner_cannot_decline_what_it_has_answered() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +4s mum claims
        +5s mum declines resident
        +5s mum gives up
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +4s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7204s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      lines: door in c1, mum in c1
    +5s mum declines resident
      refused WrongState, see c1 v2
    +5s mum gives up
      refused WrongState, see c1 v2
    ");
}

#[test]
fn who_is_busy_elsewhere_cannot_claim_and_rings_on() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +1s gate dials 301: mum
        +2s mum claims c2
        +3s mum claims c1
        +9s mum hangs up c2
        +10s mum claims c1
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +1s gate dials 301: mum
      accepted, see c2 v1
      c2 v1 alerting, deadline +31s (ring)
      > gate: ringing, c2 v1, media talk
      > mum: offer, c2 v1, media watch
      lines: door in c1, gate in c2
    +2s mum claims c2
      accepted, see c2 v2
      c2 v2 active with mum/phone, deadline +7202s (talk)
      > gate: answered, c2 v2, media talk
      > mum: answered, c2 v2, media talk
      lines: door in c1, gate in c2, mum in c2
    +3s mum claims c1
      refused LineBusy, see c1 v1
    +9s mum hangs up c2
      accepted, see c2 v3
      c2 v3 ended Answered by Leg(LegNo(0))
      > gate: ended, c2 v3, media none
      > mum: closed HungUp, c2 v3, media none
      lines: door in c1
    +10s mum claims c1
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7210s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      > dad: closed AnsweredElsewhere, c1 v2, media none
      lines: door in c1, mum in c1
    ");
}

#[test]
fn a_stranger_learns_nothing() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +1s ann claims
        +1s ann declines device
        +1s ann gives up
        +1s ann hangs up
        +1s ann claims c9
        +1s ann declines device c9
        +1s ann gives up c9
        +1s ann hangs up c9
        +1s operator ends c9
        +1s ann joins c9
        +1s deadline c9 v1
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +1s ann claims
      refused UnknownCall
    +1s ann declines device
      refused UnknownCall
    +1s ann gives up
      refused UnknownCall
    +1s ann hangs up
      refused UnknownCall
    +1s ann claims c9
      refused UnknownCall
    +1s ann declines device c9
      refused UnknownCall
    +1s ann gives up c9
      refused UnknownCall
    +1s ann hangs up c9
      refused UnknownCall
    +1s operator ends c9
      refused UnknownCall
    +1s ann joins c9
      ignored UnknownCall
    +1s deadline c9 v1
      ignored UnknownCall
    ");
}

#[test]
fn the_caller_is_no_callee_of_its_own_call() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +1s door claims
        +1s door declines device
        +1s door gives up
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +1s door claims
      refused WrongState, see c1 v1
    +1s door declines device
      refused WrongState, see c1 v1
    +1s door gives up
      refused WrongState, see c1 v1
    ");
}

#[test]
fn without_preview_who_rings_sees_nothing() {
    let transcript = check(
        "
        +0s door dials 301: mum dad, blind
        +4s dad claims
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad, blind
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media none
      > dad: offer, c1 v1, media none
      lines: door in c1
    +4s dad claims
      accepted, see c1 v2
      c1 v2 active with dad/phone, deadline +7204s (talk)
      > door: answered, c1 v2, media talk
      > mum: closed AnsweredElsewhere, c1 v2, media none
      > dad: answered, c1 v2, media talk
      lines: dad in c1, door in c1
    ");
}
