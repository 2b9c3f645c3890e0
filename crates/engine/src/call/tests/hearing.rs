//! What a party is owed when it was away, and for how long.

use insta::assert_snapshot;

use crate::call::tests::scenario::check;

#[test]
fn who_was_away_hears_the_present_state_once() {
    let transcript = check(
        "
        +0s mum goes
        +0s door dials 301: mum dad
        +5s mum is back
        +6s mum goes
        +7s mum is back
        ",
    );

    assert_snapshot!(transcript, @"
    +0s mum goes
    +0s door dials 301: mum dad
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +5s mum is back
      > mum: offer, c1 v1, media watch
    +6s mum goes
    +7s mum is back
      > mum: offer, c1 v1, media watch
    ");
}

#[test]
fn who_was_away_at_the_answer_hears_only_how_it_stands() {
    let transcript = check(
        "
        +0s mum goes
        +0s door dials 301: mum dad
        +5s dad claims
        +9s mum is back
        ",
    );

    assert_snapshot!(transcript, @"
    +0s mum goes
    +0s door dials 301: mum dad
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +5s dad claims
      accepted, see c1 v2
      c1 v2 active with dad/phone, deadline +7205s (talk)
      > door: answered, c1 v2, media talk
      > dad: answered, c1 v2, media talk
      lines: dad in c1, door in c1
    +9s mum is back
      > mum: closed AnsweredElsewhere, c1 v2, media none
    ");
}

#[test]
fn a_winner_that_reconnects_hears_again_that_it_may_talk() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +5s dad claims
        +8s dad goes
        +9s dad is back
        +9s door goes
        +9s door is back
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
    +5s dad claims
      accepted, see c1 v2
      c1 v2 active with dad/phone, deadline +7205s (talk)
      > door: answered, c1 v2, media talk
      > mum: closed AnsweredElsewhere, c1 v2, media none
      > dad: answered, c1 v2, media talk
      lines: dad in c1, door in c1
    +8s dad goes
    +9s dad is back
      > dad: answered, c1 v2, media talk
    +9s door goes
    +9s door is back
      > door: answered, c1 v2, media talk
    ");
}

#[test]
fn the_end_is_owed_for_sixty_seconds() {
    let transcript = check(
        "
        +0s mum goes
        +0s door goes
        +0s door dials 301: mum
        +5s operator ends
        +65s mum is back
        +65001ms door is back
        ",
    );

    assert_snapshot!(transcript, @"
    +0s mum goes
    +0s door goes
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      lines: door in c1
    +5s operator ends
      accepted, see c1 v2
      c1 v2 ended Admin by Operator
      lines:
    +65s mum is back
      > mum: closed Admin, c1 v2, media none
    +65001ms door is back
    ");
}

#[test]
fn a_line_that_was_busy_is_not_told_to_stop() {
    let transcript = check(
        "
        +0s gate dials 301: mum
        +1s mum claims
        +2s door dials 301: mum dad
        +3s dad claims
        ",
    );

    assert_snapshot!(transcript, @"
    +0s gate dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > gate: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: gate in c1
    +1s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7201s (talk)
      > gate: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      lines: gate in c1, mum in c1
    +2s door dials 301: mum dad
      accepted, see c2 v1
      c2 v1 alerting, deadline +32s (ring)
      > door: ringing, c2 v1, media talk
      > dad: offer, c2 v1, media watch
      lines: door in c2, gate in c1, mum in c1
    +3s dad claims
      accepted, see c2 v2
      c2 v2 active with dad/phone, deadline +7203s (talk)
      > door: answered, c2 v2, media talk
      > dad: answered, c2 v2, media talk
      lines: dad in c2, door in c2, gate in c1, mum in c1
    ");
}

#[test]
fn an_offer_that_came_after_busy_is_taken_back() {
    let transcript = check(
        "
        +0s gate dials 301: mum
        +1s mum claims
        +2s door dials 301: mum dad
        +3s gate hangs up c1
        +4s door dials 301: mum dad
        +5s dad claims c2
        ",
    );

    assert_snapshot!(transcript, @"
    +0s gate dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > gate: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: gate in c1
    +1s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7201s (talk)
      > gate: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      lines: gate in c1, mum in c1
    +2s door dials 301: mum dad
      accepted, see c2 v1
      c2 v1 alerting, deadline +32s (ring)
      > door: ringing, c2 v1, media talk
      > dad: offer, c2 v1, media watch
      lines: door in c2, gate in c1, mum in c1
    +3s gate hangs up c1
      accepted, see c1 v3
      c1 v3 ended Answered by Caller
      > gate: ended, c1 v3, media none
      > mum: closed HungUp, c1 v3, media none
      lines: door in c2
    +4s door dials 301: mum dad
      accepted, see c2 v2
      c2 v2 alerting, deadline +32s (ring)
      > mum: offer, c2 v2, media watch
    +5s dad claims c2
      accepted, see c2 v3
      c2 v3 active with dad/phone, deadline +7205s (talk)
      > door: answered, c2 v3, media talk
      > mum: closed AnsweredElsewhere, c2 v3, media none
      > dad: answered, c2 v3, media talk
      lines: dad in c2, door in c2
    ");
}

#[test]
fn a_call_whose_ring_time_is_over_is_not_offered_after_an_outage() {
    let transcript = check(
        "
        +0s mum goes
        +0s door dials 301: mum
        +29s mum is back
        +29s mum goes
        +3600s mum is back
        +3600s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s mum goes
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      lines: door in c1
    +29s mum is back
      > mum: offer, c1 v1, media watch
    +29s mum goes
    +3600s mum is back
    +3600s deadline
      accepted, see c1 v2
      c1 v2 ended NoAnswer by Limit
      > door: ended, c1 v2, media none
      > mum: closed NoAnswer, c1 v2, media none
      lines:
    ");
}
