//! Endpoints that appear after the offers left.

use insta::assert_snapshot;

use crate::call::tests::scenario::check;

#[test]
fn a_late_joiner_rings_for_the_remaining_time() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +12s mum2 joins
        +30s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +12s mum2 joins
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum2: offer, c1 v2, media watch
    +30s deadline
      accepted, see c1 v3
      c1 v3 ended NoAnswer by Limit
      > door: ended, c1 v3, media none
      > mum: closed NoAnswer, c1 v3, media none
      > mum2: closed NoAnswer, c1 v3, media none
      lines:
    ");
}

#[test]
fn a_late_joiner_may_answer() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +12s dad joins
        +13s dad claims
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +12s dad joins
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > dad: offer, c1 v2, media watch
    +13s dad claims
      accepted, see c1 v3
      c1 v3 active with dad/phone, deadline +7213s (talk)
      > door: answered, c1 v3, media talk
      > mum: closed AnsweredElsewhere, c1 v3, media none
      > dad: answered, c1 v3, media talk
      lines: dad in c1, door in c1
    ");
}

#[test]
fn where_declines_are_a_devices_own_the_residents_new_phone_is_rung() {
    let transcript = check(
        "
        +0s door dials 301: mum dad, declines device
        +2s mum declines resident
        +12s mum2 joins
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad, declines device
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +2s mum declines resident
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
    +12s mum2 joins
      accepted, see c1 v3
      c1 v3 alerting, deadline +30s (ring)
      > mum2: offer, c1 v3, media watch
    ");
}

#[test]
fn a_resident_who_declined_is_not_rung_again() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +5s mum declines resident
        +6s mum2 joins
        +6s mum joins
        +6s screen joins
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
    +5s mum declines resident
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
    +6s mum2 joins
      ignored NotAlerting
    +6s mum joins
      ignored AlreadyThere
    +6s screen joins
      accepted, see c1 v3
      c1 v3 alerting, deadline +30s (ring)
      > screen: offer, c1 v3, media watch
    ");
}

#[test]
fn a_household_that_no_longer_rings_is_not_joined() {
    let transcript = check(
        "
        +0s door dials 3: mum ann
        +5s mum declines household
        +6s dad joins
        +7s bob joins
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 3: mum ann
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > ann: offer, c1 v1, media watch
      lines: door in c1
    +5s mum declines household
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
    +6s dad joins
      ignored NotAlerting
    +7s bob joins
      accepted, see c1 v3
      c1 v3 alerting, deadline +30s (ring)
      > bob: offer, c1 v3, media watch
    ");
}

#[test]
fn a_busy_line_does_not_join() {
    let transcript = check(
        "
        +0s gate dials 302: ann
        +1s ann claims
        +2s door dials 302: bob
        +3s ann joins
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
    +2s door dials 302: bob
      accepted, see c2 v1
      c2 v1 alerting, deadline +32s (ring)
      > door: ringing, c2 v1, media talk
      > bob: offer, c2 v1, media watch
      lines: ann in c1, door in c2, gate in c1
    +3s ann joins
      ignored LineBusy
    ");
}

#[test]
fn nobody_joins_what_is_answered_or_over() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +5s mum claims
        +6s dad joins
        +7s mum hangs up
        +8s dad joins
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +5s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7205s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      lines: door in c1, mum in c1
    +6s dad joins
      ignored NotAlerting
    +7s mum hangs up
      accepted, see c1 v3
      c1 v3 ended Answered by Leg(LegNo(0))
      > door: ended, c1 v3, media none
      > mum: closed HungUp, c1 v3, media none
      lines:
    +8s dad joins
      ignored NotAlerting
    ");
}

#[test]
fn the_caller_and_those_who_ring_take_part_already() {
    let transcript = check(
        "
        +0s door dials 301: mum
        +1s door joins
        +1s mum joins
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +1s door joins
      ignored AlreadyThere
    +1s mum joins
      ignored AlreadyThere
    ");
}

#[test]
fn who_is_planned_for_a_later_stage_does_not_jump_the_queue() {
    let transcript = check(
        "
        +0s door dials 301: screen 10s | mum, ring 60s
        +5s mum joins
        +10s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: screen 10s | mum, ring 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > screen: offer, c1 v1, media watch
      lines: door in c1
    +5s mum joins
      ignored NotAlerting
    +10s deadline
      accepted, see c1 v2
      c1 v2 alerting, deadline +40s (stage)
      > screen: closed StageOver, c1 v2, media none
      > mum: offer, c1 v2, media watch
    ");
}

#[test]
fn a_late_joiner_is_kept_like_those_it_joined() {
    let transcript = check(
        "
        +0s door dials 301: mum 10s keep | ann, ring 60s
        +5s dad joins
        +10s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum 10s keep | ann, ring 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +5s dad joins
      accepted, see c1 v2
      c1 v2 alerting, deadline +10s (stage)
      > dad: offer, c1 v2, media watch
    +10s deadline
      accepted, see c1 v3
      c1 v3 alerting, deadline +40s (stage)
      > ann: offer, c1 v3, media watch
    ");
}

#[test]
fn a_late_joiner_leaves_with_those_it_joined() {
    let transcript = check(
        "
        +0s door dials 301: mum 10s keep | dad 10s | ann, ring 60s
        +5s mum gives up
        +6s kid joins
        +15s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum 10s keep | dad 10s | ann, ring 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +5s mum gives up
      accepted, see c1 v2
      c1 v2 alerting, deadline +15s (stage)
      > mum: closed NoAnswer, c1 v2, media none
      > dad: offer, c1 v2, media watch
    +6s kid joins
      accepted, see c1 v3
      c1 v3 alerting, deadline +15s (stage)
      > kid: offer, c1 v3, media watch
    +15s deadline
      accepted, see c1 v4
      c1 v4 alerting, deadline +45s (stage)
      > dad: closed StageOver, c1 v4, media none
      > kid: closed StageOver, c1 v4, media none
      > ann: offer, c1 v4, media watch
    ");
}

#[test]
fn late_joiners_leave_room_for_the_stages_to_come() {
    let mut script = "+0s door dials 301:".to_owned();
    (0..32).for_each(|n| script += &format!(" a{n}"));
    script += " 10s |";
    (0..31).for_each(|n| script += &format!(" b{n}"));
    script += "\n+1s mum joins\n+2s dad joins";

    let transcript = check(&script);

    let tail: Vec<&str> = transcript.lines().rev().take(2).collect();
    assert_snapshot!(tail.join("\n"), @"
      ignored NotAlerting
    +2s dad joins
    ");
}
