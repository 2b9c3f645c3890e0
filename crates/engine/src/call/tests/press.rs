//! A press on top of something: repress, replacement, call back, glare.

use insta::assert_snapshot;

use crate::call::tests::scenario::check;

#[test]
fn pressing_the_same_again_is_no_second_call() {
    let transcript = check(
        "
        +0s door dials 301: mum
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
    +3s door dials 301: mum
      accepted, see c1 v1
    ");
}

#[test]
fn pressing_again_rings_a_line_that_became_free() {
    let transcript = check(
        "
        +0s gate dials 301: mum
        +1s mum claims
        +2s door dials 301: mum dad
        +3s mum hangs up c1
        +4s door dials 301: mum dad
        +5s mum claims c2
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
    +3s mum hangs up c1
      accepted, see c1 v3
      c1 v3 ended Answered by Leg(LegNo(0))
      > gate: ended, c1 v3, media none
      > mum: closed HungUp, c1 v3, media none
      lines: door in c2
    +4s door dials 301: mum dad
      accepted, see c2 v2
      c2 v2 alerting, deadline +32s (ring)
      > mum: offer, c2 v2, media watch
    +5s mum claims c2
      accepted, see c2 v3
      c2 v3 active with mum/phone, deadline +7205s (talk)
      > door: answered, c2 v3, media talk
      > mum: answered, c2 v3, media talk
      > dad: closed AnsweredElsewhere, c2 v3, media none
      lines: door in c2, mum in c2
    ");
}

#[test]
fn pressing_again_does_not_ring_a_line_that_is_still_taken() {
    let transcript = check(
        "
        +0s gate dials 301: mum
        +1s mum claims
        +2s door dials 301: mum dad
        +4s door dials 301: dad
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
    +4s door dials 301: dad
      accepted, see c2 v1
    ");
}

#[test]
fn pressing_again_does_not_ring_who_declined_or_gave_up() {
    let transcript = check(
        "
        +0s door dials 301: mum dad kid
        +3s mum declines device
        +4s dad gives up
        +5s door dials 301: mum dad kid
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
    +3s mum declines device
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
    +4s dad gives up
      accepted, see c1 v3
      c1 v3 alerting, deadline +30s (ring)
      > dad: closed NoAnswer, c1 v3, media none
    +5s door dials 301: mum dad kid
      accepted, see c1 v3
    ");
}

#[test]
fn another_target_replaces_the_ringing_call() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +3s door dials 302: ann
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +3s door dials 302: ann
      accepted, see c2 v1
      c2 v1 alerting, deadline +33s (ring)
      c1 v2 ended Cancelled by Superseded
      > door: ended, c1 v2, media none
      > mum: closed Cancelled, c1 v2, media none
      > door: ringing, c2 v1, media talk
      > ann: offer, c2 v1, media watch
      lines: door in c2
    ");
}

#[test]
fn another_target_that_is_busy_replaces_it_all_the_same() {
    let transcript = check(
        "
        +0s gate dials 302: ann
        +1s ann claims
        +2s door dials 301: mum
        +3s door dials 302: ann
        ",
    );

    assert_snapshot!(transcript, @"
    +0s gate dials 302: ann
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > gate: ringing, c1 v1, media talk
      > ann: offer, c1 v1, media watch
      lines: gate in c1
    +1s ann claims
      accepted, see c1 v2
      c1 v2 active with ann/phone, deadline +7201s (talk)
      > gate: answered, c1 v2, media talk
      > ann: answered, c1 v2, media talk
      lines: ann in c1, gate in c1
    +2s door dials 301: mum
      accepted, see c2 v1
      c2 v1 alerting, deadline +32s (ring)
      > door: ringing, c2 v1, media talk
      > mum: offer, c2 v1, media watch
      lines: ann in c1, door in c2, gate in c1
    +3s door dials 302: ann
      refused Busy, see c3 v1
      c3 v1 ended Busy by NobodyLeft
      c2 v2 ended Cancelled by Superseded
      > door: ended, c2 v2, media none
      > mum: closed Cancelled, c2 v2, media none
      > door: ended, c3 v1, media none
      lines: ann in c1, gate in c1
    ");
}

#[test]
fn a_press_in_mid_call_replaces_it_and_rings_the_freed_line() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +3s dad claims
        +60s door dials 301: mum dad
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
    +3s dad claims
      accepted, see c1 v2
      c1 v2 active with dad/phone, deadline +7203s (talk)
      > door: answered, c1 v2, media talk
      > mum: closed AnsweredElsewhere, c1 v2, media none
      > dad: answered, c1 v2, media talk
      lines: dad in c1, door in c1
    +60s door dials 301: mum dad
      accepted, see c2 v1
      c2 v1 alerting, deadline +90s (ring)
      c1 v3 ended Answered by Superseded
      > door: ended, c1 v3, media none
      > dad: closed HungUp, c1 v3, media none
      > door: ringing, c2 v1, media talk
      > mum: offer, c2 v1, media watch
      > dad: offer, c2 v1, media watch
      lines: door in c2
    ");
}

#[test]
fn the_winner_calls_the_caller_back() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +3s mum claims
        +60s mum dials door: door
        +63s door claims
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
    +3s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7203s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      > dad: closed AnsweredElsewhere, c1 v2, media none
      lines: door in c1, mum in c1
    +60s mum dials door: door
      accepted, see c2 v1
      c2 v1 alerting, deadline +90s (ring)
      c1 v3 ended Answered by Superseded
      > door: ended, c1 v3, media none
      > mum: closed HungUp, c1 v3, media none
      > mum: ringing, c2 v1, media talk
      > door: offer, c2 v1, media watch
      lines: mum in c2
    +63s door claims
      accepted, see c2 v2
      c2 v2 active with door/phone, deadline +7263s (talk)
      > mum: answered, c2 v2, media talk
      > door: answered, c2 v2, media talk
      lines: door in c2, mum in c2
    ");
}

#[test]
fn the_winner_calling_a_third_is_busy() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +3s mum claims
        +60s mum dials 302: ann
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +3s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7203s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      lines: door in c1, mum in c1
    +60s mum dials 302: ann
      refused LineBusy, see c1 v2
    ");
}

#[test]
fn calling_who_rings_me_is_my_answer() {
    let transcript = check(
        "
        +0s mum dials 302: ann bob
        +2s ann dials 301: mum dad
        ",
    );

    assert_snapshot!(transcript, @"
    +0s mum dials 302: ann bob
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > mum: ringing, c1 v1, media talk
      > ann: offer, c1 v1, media watch
      > bob: offer, c1 v1, media watch
      lines: mum in c1
    +2s ann dials 301: mum dad
      accepted, see c1 v2
      c1 v2 active with ann/phone, deadline +7202s (talk)
      > mum: answered, c1 v2, media talk
      > ann: answered, c1 v2, media talk
      > bob: closed AnsweredElsewhere, c1 v2, media none
      lines: ann in c1, mum in c1
    ");
}

#[test]
fn calling_who_rings_me_ends_what_i_was_ringing() {
    let transcript = check(
        "
        +0s ann dials 301: mum
        +1s mum dials desk: desk
        +2s mum dials 302: ann
        ",
    );

    assert_snapshot!(transcript, @"
    +0s ann dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > ann: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: ann in c1
    +1s mum dials desk: desk
      accepted, see c2 v1
      c2 v1 alerting, deadline +31s (ring)
      > mum: ringing, c2 v1, media talk
      > desk: offer, c2 v1, media watch
      lines: ann in c1, mum in c2
    +2s mum dials 302: ann
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7202s (talk)
      c2 v2 ended Cancelled by Superseded
      > ann: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      > mum: ended, c2 v2, media none
      > desk: closed Cancelled, c2 v2, media none
      lines: ann in c1, mum in c1
    ");
}

#[test]
fn calling_who_rang_me_in_vain_is_a_call_of_its_own() {
    let transcript = check(
        "
        +0s mum dials 302: ann bob
        +1s ann declines device
        +2s ann dials 301: mum dad
        ",
    );

    assert_snapshot!(transcript, @"
    +0s mum dials 302: ann bob
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > mum: ringing, c1 v1, media talk
      > ann: offer, c1 v1, media watch
      > bob: offer, c1 v1, media watch
      lines: mum in c1
    +1s ann declines device
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > ann: closed Declined, c1 v2, media none
    +2s ann dials 301: mum dad
      accepted, see c2 v1
      c2 v1 alerting, deadline +32s (ring)
      > ann: ringing, c2 v1, media talk
      > dad: offer, c2 v1, media watch
      lines: ann in c2, mum in c1
    ");
}

#[test]
fn nobody_rings_themselves() {
    let transcript = check(
        "
        +0s mum dials 301: mum
        ",
    );

    assert_snapshot!(transcript, @"
    +0s mum dials 301: mum
      refused Unreachable, see c1 v1
      c1 v1 ended Unreachable by NobodyLeft
      > mum: ended, c1 v1, media none
    ");
}

#[test]
fn a_plan_has_at_most_eight_stages() {
    let transcript = check(
        "
        +0s door dials 9: a1 | a2 | a3 | a4 | a5 | a6 | a7 | a8 1s | a9
        +0s door dials 8: a1 | a2 | a3 | a4 | a5 | a6 | a7 | a8 1s
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 9: a1 | a2 | a3 | a4 | a5 | a6 | a7 | a8 1s | a9
      refused TooMany
    +0s door dials 8: a1 | a2 | a3 | a4 | a5 | a6 | a7 | a8 1s
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > a1: offer, c1 v1, media watch
      lines: door in c1
    ");
}

#[test]
fn a_plan_has_at_most_sixty_four_legs() {
    let mut script = "+0s door dials 301:".to_owned();
    (0..64).for_each(|n| script += &format!(" a{n}"));
    let one_more = format!("{script} b");

    let held = check(&script);
    let refused = check(&one_more);

    assert_eq!(held.lines().nth(1), Some("  accepted, see c1 v1"));
    assert_eq!(refused.lines().nth(1), Some("  refused TooMany"));
}

#[test]
fn a_press_sent_again_just_after_the_answer_changes_nothing() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +3s dad claims
        +4s door dials 301: mum dad
        ",
    );

    assert_snapshot!(last_step(&transcript), @"
    +4s door dials 301: mum dad
      accepted, see c1 v2
    ");
}

#[test]
fn an_answer_by_glare_sent_again_changes_nothing() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +3s mum dials door: door
        +4s mum dials door: door
        ",
    );

    assert_snapshot!(last_step(&transcript), @"
    +4s mum dials door: door
      accepted, see c1 v2
    ");
}

#[test]
fn only_the_hand_that_answered_may_call_back() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +3s mum/phone claims
        +60s mum/tablet dials door: door
        ",
    );

    assert_snapshot!(last_step(&transcript), @"
    +60s mum/tablet dials door: door
      refused LineBusy, see c1 v2
    ");
}

fn last_step(transcript: &str) -> &str {
    let start = transcript.rfind("\n+").map_or(0, |at| at + 1);
    &transcript[start..]
}
