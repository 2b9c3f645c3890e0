//! How long it rings, stage by stage, and how ringing ends without an answer.

use insta::assert_snapshot;

use crate::call::tests::scenario::check;

#[test]
fn nobody_to_ring_is_unreachable_at_once() {
    let transcript = check(
        "
        +0s door dials 301:
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301:
      refused Unreachable, see c1 v1
      c1 v1 ended Unreachable by NobodyLeft
      > door: ended, c1 v1, media none
    ");
}

#[test]
fn every_line_taken_is_busy_at_once() {
    let transcript = check(
        "
        +0s gate dials 301: mum
        +1s mum claims
        +2s door dials 301: mum
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
    +2s door dials 301: mum
      refused Busy, see c2 v1
      c2 v1 ended Busy by NobodyLeft
      > door: ended, c2 v1, media none
    ");
}

#[test]
fn one_free_line_is_enough_to_ring() {
    let transcript = check(
        "
        +0s gate dials 301: mum
        +1s mum claims
        +2s door dials 301: mum dad
        +3s dad declines device
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
    +3s dad declines device
      accepted, see c2 v2
      c2 v2 ended Declined by NobodyLeft
      > door: ended, c2 v2, media none
      > dad: closed Declined, c2 v2, media none
      lines: gate in c1, mum in c1
    ");
}

#[test]
fn the_ring_time_ends_it() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +30s deadline
        +31s mum claims
        +31s mum declines device
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
    +30s deadline
      accepted, see c1 v2
      c1 v2 ended NoAnswer by Limit
      > door: ended, c1 v2, media none
      > mum: closed NoAnswer, c1 v2, media none
      > dad: closed NoAnswer, c1 v2, media none
      lines:
    +31s mum claims
      refused Ended, see c1 v2
    +31s mum declines device
      refused Ended, see c1 v2
    ");
}

#[test]
fn one_who_declined_does_not_make_the_others_silence_a_refusal() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +5s mum declines device
        +30s deadline
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
    +5s mum declines device
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
    +30s deadline
      accepted, see c1 v3
      c1 v3 ended NoAnswer by Limit
      > door: ended, c1 v3, media none
      > dad: closed NoAnswer, c1 v3, media none
      lines:
    ");
}

#[test]
fn a_stage_that_is_not_kept_stops_when_the_next_one_starts() {
    let transcript = check(
        "
        +0s door dials 301: mum 10s | dad 10s, ring 60s
        +10s deadline
        +11s mum claims
        +12s mum hangs up
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum 10s | dad 10s, ring 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +10s deadline
      accepted, see c1 v2
      c1 v2 alerting, deadline +20s (stage)
      > mum: closed StageOver, c1 v2, media none
      > dad: offer, c1 v2, media watch
    +11s mum claims
      refused LegClosed, see c1 v2
    +12s mum hangs up
      refused LegClosed, see c1 v2
    ");
}

#[test]
fn a_kept_stage_rings_on() {
    let transcript = check(
        "
        +0s door dials 301: mum 10s keep | dad 10s, ring 60s
        +10s deadline
        +12s mum claims
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum 10s keep | dad 10s, ring 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +10s deadline
      accepted, see c1 v2
      c1 v2 alerting, deadline +20s (stage)
      > dad: offer, c1 v2, media watch
    +12s mum claims
      accepted, see c1 v3
      c1 v3 active with mum/phone, deadline +7212s (talk)
      > door: answered, c1 v3, media talk
      > mum: answered, c1 v3, media talk
      > dad: closed AnsweredElsewhere, c1 v3, media none
      lines: door in c1, mum in c1
    ");
}

#[test]
fn the_last_stages_end_is_the_end_also_for_those_kept() {
    let transcript = check(
        "
        +0s door dials 301: mum 10s keep | dad 10s, ring 60s
        +10s deadline
        +20s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum 10s keep | dad 10s, ring 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +10s deadline
      accepted, see c1 v2
      c1 v2 alerting, deadline +20s (stage)
      > dad: offer, c1 v2, media watch
    +20s deadline
      accepted, see c1 v3
      c1 v3 ended NoAnswer by Limit
      > door: ended, c1 v3, media none
      > mum: closed NoAnswer, c1 v3, media none
      > dad: closed NoAnswer, c1 v3, media none
      lines:
    ");
}

#[test]
fn the_ring_time_cuts_the_last_stage_short() {
    let transcript = check(
        "
        +0s door dials 301: mum 10s | dad 60s, ring 30s
        +10s deadline
        +30s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum 10s | dad 60s, ring 30s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +10s deadline
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed StageOver, c1 v2, media none
      > dad: offer, c1 v2, media watch
    +30s deadline
      accepted, see c1 v3
      c1 v3 ended NoAnswer by Limit
      > door: ended, c1 v3, media none
      > dad: closed NoAnswer, c1 v3, media none
      lines:
    ");
}

#[test]
fn the_ring_time_may_end_before_the_first_stage() {
    let transcript = check(
        "
        +0s door dials 301: mum 20s | dad, ring 15s
        +15s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum 20s | dad, ring 15s
      accepted, see c1 v1
      c1 v1 alerting, deadline +15s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +15s deadline
      accepted, see c1 v2
      c1 v2 ended NoAnswer by Limit
      > door: ended, c1 v2, media none
      > mum: closed NoAnswer, c1 v2, media none
      lines:
    ");
}

#[test]
fn the_next_stage_starts_when_the_last_of_one_declines() {
    let transcript = check(
        "
        +0s door dials 301: mum dad 20s | kid 20s, ring 60s
        +4s mum declines device
        +5s dad gives up
        +25s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad 20s | kid 20s, ring 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +20s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +4s mum declines device
      accepted, see c1 v2
      c1 v2 alerting, deadline +20s (stage)
      > mum: closed Declined, c1 v2, media none
    +5s dad gives up
      accepted, see c1 v3
      c1 v3 alerting, deadline +25s (stage)
      > dad: closed NoAnswer, c1 v3, media none
      > kid: offer, c1 v3, media watch
    +25s deadline
      accepted, see c1 v4
      c1 v4 ended NoAnswer by Limit
      > door: ended, c1 v4, media none
      > kid: closed NoAnswer, c1 v4, media none
      lines:
    ");
}

#[test]
fn a_stage_of_busy_lines_and_an_empty_stage_are_passed_over() {
    let transcript = check(
        "
        +0s gate dials 301: mum
        +1s mum claims
        +2s door dials 301: mum 10s | 10s | dad 10s | kid, ring 60s
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
    +2s door dials 301: mum 10s | 10s | dad 10s | kid, ring 60s
      accepted, see c2 v1
      c2 v1 alerting, deadline +12s (stage)
      > door: ringing, c2 v1, media talk
      > dad: offer, c2 v1, media watch
      lines: door in c2, gate in c1, mum in c1
    ");
}

#[test]
fn who_is_kept_rings_on_when_all_later_stages_are_busy() {
    let transcript = check(
        "
        +0s gate dials 301: mum
        +1s mum claims
        +2s door dials 301: dad 10s keep | mum 10s, ring 60s
        +12s deadline
        +62s deadline
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
    +2s door dials 301: dad 10s keep | mum 10s, ring 60s
      accepted, see c2 v1
      c2 v1 alerting, deadline +12s (stage)
      > door: ringing, c2 v1, media talk
      > dad: offer, c2 v1, media watch
      lines: door in c2, gate in c1, mum in c1
    +12s deadline
      accepted, see c2 v2
      c2 v2 alerting, deadline +62s (ring)
    +62s deadline
      accepted, see c2 v3
      c2 v3 ended NoAnswer by Limit
      > door: ended, c2 v3, media none
      > dad: closed NoAnswer, c2 v3, media none
      lines: gate in c1, mum in c1
    ");
}

#[test]
fn stages_that_gave_no_answer_then_refused_are_declined() {
    let transcript = check(
        "
        +0s door dials 301: mum 10s | dad 10s, ring 60s
        +10s deadline
        +12s dad declines device
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum 10s | dad 10s, ring 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +10s deadline
      accepted, see c1 v2
      c1 v2 alerting, deadline +20s (stage)
      > mum: closed StageOver, c1 v2, media none
      > dad: offer, c1 v2, media watch
    +12s dad declines device
      accepted, see c1 v3
      c1 v3 ended Declined by NobodyLeft
      > door: ended, c1 v3, media none
      > dad: closed Declined, c1 v3, media none
      lines:
    ");
}

#[test]
fn an_endpoint_planned_twice_rings_once() {
    let transcript = check(
        "
        +0s door dials 301: mum mum 10s keep | mum door dad, ring 60s
        +10s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum mum 10s keep | mum door dad, ring 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +10s deadline
      accepted, see c1 v2
      c1 v2 alerting, deadline +40s (stage)
      > dad: offer, c1 v2, media watch
    ");
}

#[test]
fn no_stage_starts_after_the_ring_time_even_if_its_deadline_is_late() {
    let transcript = check(
        "
        +0s door dials 301: mum 60s | dad, ring 30s
        +31s mum declines device
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum 60s | dad, ring 30s
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +31s mum declines device
      accepted, see c1 v2
      c1 v2 ended Declined by NobodyLeft
      > door: ended, c1 v2, media none
      > mum: closed Declined, c1 v2, media none
      lines:
    ");
}

#[test]
fn an_early_a_stale_and_a_doubled_deadline_change_nothing() {
    let transcript = check(
        "
        +0s door dials 301: mum dad 10s | kid 10s, ring 60s
        +9999ms deadline
        +9999ms mum declines device
        +10s deadline v1
        +10s deadline v2
        +10s deadline v2
        +20s deadline v2
        +20s deadline
        +20s deadline v4
        +99s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad 10s | kid 10s, ring 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +9999ms deadline
      ignored StaleDeadline
    +9999ms mum declines device
      accepted, see c1 v2
      c1 v2 alerting, deadline +10s (stage)
      > mum: closed Declined, c1 v2, media none
    +10s deadline v1
      ignored StaleDeadline
    +10s deadline v2
      accepted, see c1 v3
      c1 v3 alerting, deadline +20s (stage)
      > dad: closed StageOver, c1 v3, media none
      > kid: offer, c1 v3, media watch
    +10s deadline v2
      ignored StaleDeadline
    +20s deadline v2
      ignored StaleDeadline
    +20s deadline
      accepted, see c1 v4
      c1 v4 ended NoAnswer by Limit
      > door: ended, c1 v4, media none
      > kid: closed NoAnswer, c1 v4, media none
      lines:
    +20s deadline v4
      ignored StaleDeadline
    +99s deadline
      ignored StaleDeadline
    ");
}

#[test]
fn a_late_deadline_gives_the_next_stage_its_whole_time() {
    let transcript = check(
        "
        +0s door dials 301: mum 10s | dad 10s, ring 60s
        +45s deadline
        +55s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum 10s | dad 10s, ring 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +45s deadline
      accepted, see c1 v2
      c1 v2 alerting, deadline +55s (stage)
      > mum: closed StageOver, c1 v2, media none
      > dad: offer, c1 v2, media watch
    +55s deadline
      accepted, see c1 v3
      c1 v3 ended NoAnswer by Limit
      > door: ended, c1 v3, media none
      > dad: closed NoAnswer, c1 v3, media none
      lines:
    ");
}
