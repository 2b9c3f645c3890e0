//! Saying no, for one device, one resident or one household.

use insta::assert_snapshot;

use crate::call::tests::scenario::check;

#[test]
fn a_device_declines_for_itself_alone() {
    let transcript = check(
        "
        +0s door dials 301: mum mum2 dad
        +2s mum declines device
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
    +2s mum declines device
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
    ");
}

#[test]
fn a_resident_declines_on_all_their_devices() {
    let transcript = check(
        "
        +0s door dials 301: mum mum2 dad
        +2s mum2 declines resident
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
    +2s mum2 declines resident
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed DeclinedElsewhere, c1 v2, media none
      > mum2: closed Declined, c1 v2, media none
    ");
}

#[test]
fn a_household_declines_for_all_who_live_there() {
    let transcript = check(
        "
        +0s door dials 3: mum dad screen ann
        +2s screen declines household
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 3: mum dad screen ann
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      > screen: offer, c1 v1, media watch
      > ann: offer, c1 v1, media watch
      lines: door in c1
    +2s screen declines household
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed DeclinedElsewhere, c1 v2, media none
      > dad: closed DeclinedElsewhere, c1 v2, media none
      > screen: closed Declined, c1 v2, media none
    ");
}

#[test]
fn a_screen_is_nobodys_so_its_residents_decline_is_its_own() {
    let transcript = check(
        "
        +0s door dials 301: screen screen2 mum
        +2s screen declines resident
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: screen screen2 mum
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > screen: offer, c1 v1, media watch
      > screen2: offer, c1 v1, media watch
      > mum: offer, c1 v1, media watch
      lines: door in c1
    +2s screen declines resident
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > screen: closed Declined, c1 v2, media none
    ");
}

#[test]
fn the_caller_hears_of_it_when_nobody_is_left() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +2s mum declines resident
        +3s dad declines resident saying not today
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
    +2s mum declines resident
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
    +3s dad declines resident saying not today
      accepted, see c1 v3
      c1 v3 ended Declined by NobodyLeft saying not today
      > door: ended, c1 v3, media none
      > dad: closed Declined, c1 v3, media none
      lines:
    ");
}

#[test]
fn declining_again_is_accepted_from_state() {
    let transcript = check(
        "
        +0s door dials 301: mum mum2 dad
        +2s mum declines resident
        +2s mum declines resident
        +2s mum2 declines device
        +3s mum claims
        +4s dad declines device
        +5s mum declines resident
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
    +2s mum declines resident
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
      > mum2: closed DeclinedElsewhere, c1 v2, media none
    +2s mum declines resident
      accepted, see c1 v2
    +2s mum2 declines device
      accepted, see c1 v2
    +3s mum claims
      refused LegClosed, see c1 v2
    +4s dad declines device
      accepted, see c1 v3
      c1 v3 ended Declined by NobodyLeft
      > door: ended, c1 v3, media none
      > dad: closed Declined, c1 v3, media none
      lines:
    +5s mum declines resident
      accepted, see c1 v3
    ");
}

#[test]
fn declining_after_another_answered_learns_it() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +2s mum claims
        +3s dad declines resident
        +9s mum hangs up
        +10s dad declines resident
        +10s mum declines resident
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
    +2s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7202s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      > dad: closed AnsweredElsewhere, c1 v2, media none
      lines: door in c1, mum in c1
    +3s dad declines resident
      refused AnsweredElsewhere, see c1 v2
    +9s mum hangs up
      accepted, see c1 v3
      c1 v3 ended Answered by Leg(LegNo(0))
      > door: ended, c1 v3, media none
      > mum: closed HungUp, c1 v3, media none
      lines:
    +10s dad declines resident
      refused AnsweredElsewhere, see c1 v3
    +10s mum declines resident
      refused Ended, see c1 v3
    ");
}

#[test]
fn a_decline_speaks_for_stages_that_have_not_rung_yet() {
    let transcript = check(
        "
        +0s door dials 3: screen 10s | mum dad ann
        +2s screen declines household
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 3: screen 10s | mum dad ann
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > screen: offer, c1 v1, media watch
      lines: door in c1
    +2s screen declines household
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > screen: closed Declined, c1 v2, media none
      > ann: offer, c1 v2, media watch
    ");
}

#[test]
fn a_resident_who_declined_is_not_rung_by_a_later_stage() {
    let transcript = check(
        "
        +0s door dials 301: mum dad 10s keep | mum2 kid, ring 60s
        +2s mum declines resident
        +10s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad 10s keep | mum2 kid, ring 60s
      accepted, see c1 v1
      c1 v1 alerting, deadline +10s (stage)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      lines: door in c1
    +2s mum declines resident
      accepted, see c1 v2
      c1 v2 alerting, deadline +10s (stage)
      > mum: closed Declined, c1 v2, media none
    +10s deadline
      accepted, see c1 v3
      c1 v3 alerting, deadline +40s (stage)
      > kid: offer, c1 v3, media watch
    ");
}

#[test]
fn who_declined_while_busy_elsewhere_is_not_rung_by_a_repress() {
    let transcript = check(
        "
        +0s gate dials 301: mum2
        +1s mum2 claims
        +2s door dials 301: mum mum2 dad
        +3s mum declines resident
        +4s mum2 hangs up c1
        +5s door dials 301: mum mum2 dad
        ",
    );

    assert_snapshot!(transcript, @"
    +0s gate dials 301: mum2
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > gate: ringing, c1 v1, media talk
      > mum2: offer, c1 v1, media watch
      lines: gate in c1
    +1s mum2 claims
      accepted, see c1 v2
      c1 v2 active with mum2/phone, deadline +7201s (talk)
      > gate: answered, c1 v2, media talk
      > mum2: answered, c1 v2, media talk
      lines: gate in c1, mum2 in c1
    +2s door dials 301: mum mum2 dad
      accepted, see c2 v1
      c2 v1 alerting, deadline +32s (ring)
      > door: ringing, c2 v1, media talk
      > mum: offer, c2 v1, media watch
      > dad: offer, c2 v1, media watch
      lines: door in c2, gate in c1, mum2 in c1
    +3s mum declines resident
      accepted, see c2 v2
      c2 v2 alerting, deadline +32s (ring)
      > mum: closed Declined, c2 v2, media none
    +4s mum2 hangs up c1
      accepted, see c1 v3
      c1 v3 ended Answered by Leg(LegNo(0))
      > gate: ended, c1 v3, media none
      > mum2: closed HungUp, c1 v3, media none
      lines: door in c2
    +5s door dials 301: mum mum2 dad
      accepted, see c2 v2
    ");
}

#[test]
fn a_leg_that_gave_up_has_not_declined() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +2s mum gives up
        +3s mum gives up
        +4s mum declines device
        +5s mum claims
        +6s mum hangs up
        +7s dad gives up
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
    +2s mum gives up
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed NoAnswer, c1 v2, media none
    +3s mum gives up
      accepted, see c1 v2
    +4s mum declines device
      refused LegClosed, see c1 v2
    +5s mum claims
      refused LegClosed, see c1 v2
    +6s mum hangs up
      refused LegClosed, see c1 v2
    +7s dad gives up
      accepted, see c1 v3
      c1 v3 ended NoAnswer by NobodyLeft
      > door: ended, c1 v3, media none
      > dad: closed NoAnswer, c1 v3, media none
      lines:
    ");
}

#[test]
fn giving_up_is_accepted_whatever_closed_the_leg() {
    let transcript = check(
        "
        +0s door dials 301: mum dad
        +2s mum claims
        +3s dad gives up
        +4s mum hangs up
        +5s dad gives up
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
    +2s mum claims
      accepted, see c1 v2
      c1 v2 active with mum/phone, deadline +7202s (talk)
      > door: answered, c1 v2, media talk
      > mum: answered, c1 v2, media talk
      > dad: closed AnsweredElsewhere, c1 v2, media none
      lines: door in c1, mum in c1
    +3s dad gives up
      accepted, see c1 v2
    +4s mum hangs up
      accepted, see c1 v3
      c1 v3 ended Answered by Leg(LegNo(0))
      > door: ended, c1 v3, media none
      > mum: closed HungUp, c1 v3, media none
      lines:
    +5s dad gives up
      accepted, see c1 v3
    ");
}

#[test]
fn where_declines_are_a_devices_own_the_residents_other_phone_rings_on_and_answers() {
    let transcript = check(
        "
        +0s door dials 301: mum mum2, declines device
        +2s mum declines resident
        +3s mum2 claims
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum mum2, declines device
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > mum2: offer, c1 v1, media watch
      lines: door in c1
    +2s mum declines resident
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
    +3s mum2 claims
      accepted, see c1 v3
      c1 v3 active with mum2/phone, deadline +7203s (talk)
      > door: answered, c1 v3, media talk
      > mum2: answered, c1 v3, media talk
      lines: door in c1, mum2 in c1
    ");
}

#[test]
fn where_declines_are_a_households_one_ends_it_for_all() {
    let transcript = check(
        "
        +0s door dials 301: mum dad screen, declines household
        +2s mum declines device saying not today
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum dad screen, declines household
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > dad: offer, c1 v1, media watch
      > screen: offer, c1 v1, media watch
      lines: door in c1
    +2s mum declines device saying not today
      accepted, see c1 v2
      c1 v2 ended Declined by NobodyLeft saying not today
      > door: ended, c1 v2, media none
      > mum: closed Declined, c1 v2, media none
      > dad: closed DeclinedElsewhere, c1 v2, media none
      > screen: closed DeclinedElsewhere, c1 v2, media none
      lines:
    ");
}

#[test]
fn hanging_up_a_ringing_phone_speaks_for_whom_a_decline_does() {
    let transcript = check(
        "
        +0s door dials 301: mum mum2, declines device
        +2s mum hangs up
        +9s door hangs up
        +10s door dials 301: mum dad, declines household
        +12s mum hangs up
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum mum2, declines device
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > mum2: offer, c1 v1, media watch
      lines: door in c1
    +2s mum hangs up
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
    +9s door hangs up
      accepted, see c1 v3
      c1 v3 ended Cancelled by Caller
      > door: ended, c1 v3, media none
      > mum2: closed Cancelled, c1 v3, media none
      lines:
    +10s door dials 301: mum dad, declines household
      accepted, see c2 v1
      c2 v1 alerting, deadline +40s (ring)
      > door: ringing, c2 v1, media talk
      > mum: offer, c2 v1, media watch
      > dad: offer, c2 v1, media watch
      lines: door in c2
    +12s mum hangs up
      accepted, see c2 v2
      c2 v2 ended Declined by NobodyLeft
      > door: ended, c2 v2, media none
      > mum: closed Declined, c2 v2, media none
      > dad: closed DeclinedElsewhere, c2 v2, media none
      lines:
    ");
}

#[test]
fn a_repress_does_not_change_for_whom_declines_speak() {
    let transcript = check(
        "
        +0s door dials 301: mum mum2, declines device
        +1s door dials 301: mum mum2, declines household
        +2s mum declines resident
        ",
    );

    assert_snapshot!(transcript, @"
    +0s door dials 301: mum mum2, declines device
      accepted, see c1 v1
      c1 v1 alerting, deadline +30s (ring)
      > door: ringing, c1 v1, media talk
      > mum: offer, c1 v1, media watch
      > mum2: offer, c1 v1, media watch
      lines: door in c1
    +1s door dials 301: mum mum2, declines household
      accepted, see c1 v1
    +2s mum declines resident
      accepted, see c1 v2
      c1 v2 alerting, deadline +30s (ring)
      > mum: closed Declined, c1 v2, media none
    ");
}
