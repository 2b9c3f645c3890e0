//! Hanging up, cancelling, the talk limit, the operator; the end is the end.

use insta::assert_snapshot;

use crate::call::tests::scenario::check;

#[test]
fn the_caller_gives_up_while_it_rings() {
    let transcript = check(
        "
        +0s door dials 301: mum dad 10s | kid
        +5s door hangs up saying nobody home
        +6s door hangs up
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad 10s | kid
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +5s door hangs up saying nobody home
      accepted, see c1 v2
      c1 v2 ended Cancelled by Caller saying nobody home
      > door: ended, c1 v2, media none
      > mum: closed Cancelled, c1 v2, media none
      > dad: closed Cancelled, c1 v2, media none
      lines:
    +6s door hangs up
      accepted, see c1 v2
    ");
}

#[test]
fn a_cancel_after_the_answer_hangs_up() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +5s mum claims
        +5s door hangs up
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
    +5s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7205s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      > dad: closed AnsweredElsewhere, c1 v2, media none
      lines: door in c1, mum in c1
    +5s door hangs up
      accepted, see c1 v3
      c1 v3 ended Answered by Caller
      > door: ended, c1 v3, media none
      > mum: closed HungUp, c1 v3, media none
      lines:
    ");
}

#[test]
fn an_answer_after_the_cancel_learns_it() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +5s door hangs up
        +5s mum claims
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
    +5s door hangs up
      accepted, see c1 v2
      c1 v2 ended Cancelled by Caller
      > door: ended, c1 v2, media none
      > mum: closed Cancelled, c1 v2, media none
      > dad: closed Cancelled, c1 v2, media none
      lines:
    +5s mum claims
      refused Ended, see c1 v2
    ");
}

#[test]
fn the_winner_hangs_up() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +5s mum claims
        +50s mum hangs up saying bye
        +51s mum hangs up
        +51s door hangs up
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
    +5s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7205s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      > dad: closed AnsweredElsewhere, c1 v2, media none
      lines: door in c1, mum in c1
    +50s mum hangs up saying bye
      accepted, see c1 v3
      c1 v3 ended Answered by Leg(LegNo(0)) saying bye
      > door: ended, c1 v3, media none
      > mum: closed HungUp, c1 v3, media none
      lines:
    +51s mum hangs up
      accepted, see c1 v3
    +51s door hangs up
      accepted, see c1 v3
    ");
}

#[test]
fn who_lost_cannot_hang_up_the_others() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +5s mum claims
        +6s dad hangs up
        +9s mum hangs up
        +10s dad hangs up
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
    +5s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7205s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      > dad: closed AnsweredElsewhere, c1 v2, media none
      lines: door in c1, mum in c1
    +6s dad hangs up
      refused AnsweredElsewhere, see c1 v2
    +9s mum hangs up
      accepted, see c1 v3
      c1 v3 ended Answered by Leg(LegNo(0))
      > door: ended, c1 v3, media none
      > mum: closed HungUp, c1 v3, media none
      lines:
    +10s dad hangs up
      refused AnsweredElsewhere, see c1 v3
    ");
}

#[test]
fn hanging_up_while_it_rings_declines_for_the_resident() {
    let transcript = check(
        "
        +0s door dials 301: mum mum2 dad
        +5s mum hangs up
        +5s mum hangs up
        +6s dad hangs up
        +7s mum hangs up
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum mum2 dad
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > mum2: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +5s mum hangs up
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
      > mum2: closed DeclinedElsewhere, c1 v2, media none
    +5s mum hangs up
      accepted, see c1 v2
    +6s dad hangs up
      accepted, see c1 v3
      c1 v3 ended Declined by NobodyLeft
      > door: ended, c1 v3, media none
      > dad: closed Declined, c1 v3, media none
      lines:
    +7s mum hangs up
      accepted, see c1 v3
    ");
}

#[test]
fn who_declined_cannot_hang_up_the_others() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +4s mum declines resident
        +5s dad claims
        +6s mum hangs up
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
    +4s mum declines resident
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
    +5s dad claims
      accepted, see c1 v3
      c1 v3 active with dad/phone, deadline +7205s (talk)
      > door: answered, c1 v3, media talk
      > dad: answered, c1 v3, media talk
      lines: dad in c1, door in c1
    +6s mum hangs up
      refused AnsweredElsewhere, see c1 v3
    ");
}

#[test]
fn hanging_up_what_ended_without_me_is_refused() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +30s deadline
        +31s mum hangs up
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +30s deadline
      accepted, see c1 v2
      c1 v2 ended NoAnswer by Limit
      > door: ended, c1 v2, media none
      > mum: closed NoAnswer, c1 v2, media none
      lines:
    +31s mum hangs up
      refused Ended, see c1 v2
    ");
}

#[test]
fn the_talk_limit_ends_a_conversation() {
    let transcript = check(
        "
        +0s door dials 301: mum dad, talk 60s
        +5s mum claims
        +64s deadline
        +65s deadline
        +66s mum hangs up
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad, talk 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +5s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +65s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      > dad: closed AnsweredElsewhere, c1 v2, media none
      lines: door in c1, mum in c1
    +64s deadline
      ignored StaleDeadline
    +65s deadline
      accepted, see c1 v3
      c1 v3 ended MaxDuration by Limit
      > door: ended, c1 v3, media none
      > mum: closed HungUp, c1 v3, media none
      lines:
    +66s mum hangs up
      accepted, see c1 v3
    ");
}

#[test]
fn an_operator_ends_what_rings() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +2s dad declines device
        +5s operator ends saying drill
        +6s operator ends
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
    +2s dad declines device
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > dad: closed Declined, c1 v2, media none
    +5s operator ends saying drill
      accepted, see c1 v3
      c1 v3 ended Admin by Operator saying drill
      > door: ended, c1 v3, media none
      > mum: closed Admin, c1 v3, media none
      lines:
    +6s operator ends
      accepted, see c1 v3
    ");
}

#[test]
fn an_operator_ends_a_conversation() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +2s dad claims
        +5s operator ends
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
    +2s dad claims
      accepted, see c1 v2
      c1 v2 active with dad/phone, deadline +7202s (talk)
      > door: answered, c1 v2, media talk
      > mum: closed AnsweredElsewhere, c1 v2, media none
      > dad: answered, c1 v2, media talk
      lines: dad in c1, door in c1
    +5s operator ends
      accepted, see c1 v3
      c1 v3 ended Admin by Operator
      > door: ended, c1 v3, media none
      > dad: closed Admin, c1 v3, media none
      lines:
    ");
}

#[test]
fn after_the_end_everybody_gets_the_truth() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +2s dad claims
        +5s dad hangs up
        +6s mum claims
        +6s dad claims
        +6s mum declines household
        +6s mum gives up
        +6s mum hangs up
        +6s kid joins
        +6s deadline
        +6s deadline v1
        +6s operator ends
        +86400s mum claims
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
    +2s dad claims
      accepted, see c1 v2
      c1 v2 active with dad/phone, deadline +7202s (talk)
      > door: answered, c1 v2, media talk
      > mum: closed AnsweredElsewhere, c1 v2, media none
      > dad: answered, c1 v2, media talk
      lines: dad in c1, door in c1
    +5s dad hangs up
      accepted, see c1 v3
      c1 v3 ended Answered by Leg(LegNo(1))
      > door: ended, c1 v3, media none
      > dad: closed HungUp, c1 v3, media none
      lines:
    +6s mum claims
      refused Ended, see c1 v3
    +6s dad claims
      refused Ended, see c1 v3
    +6s mum declines household
      refused AnsweredElsewhere, see c1 v3
    +6s mum gives up
      accepted, see c1 v3
    +6s mum hangs up
      refused AnsweredElsewhere, see c1 v3
    +6s kid joins
      ignored NotAlerting
    +6s deadline
      ignored StaleDeadline
    +6s deadline v1
      ignored StaleDeadline
    +6s operator ends
      accepted, see c1 v3
    +86400s mum claims
      refused Ended, see c1 v3
    ");
}

#[test]
fn a_new_press_after_the_end_is_a_new_call() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +2s door hangs up
        +3s door dials 301: mum
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +2s door hangs up
      accepted, see c1 v2
      c1 v2 ended Cancelled by Caller
      > door: ended, c1 v2, media none
      > mum: closed Cancelled, c1 v2, media none
      lines:
    +3s door dials 301: mum
      accepted, see c2 v1
      c2 v1 alerting, deadline +33s (ring)
      > door: ringing, c2 v1, media talk
      > mum: offer, c2 v1, media watch
      lines: door in c2
    ");
}
