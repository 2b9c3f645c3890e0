//! One level after the other, until a person takes it on.

use insta::assert_snapshot;

use crate::alarm::tests::play::check;

#[test]
fn b11_an_alarm_that_nobody_acknowledges_goes_from_level_to_level_and_stays_at_the_last() {
    let transcript = check(
        "
        +0s   zones 1 window immediate away
        +0s   mum arms away
        +5s   trigger 1
        +34s  deadline
        +35s  deadline
        +185s deadline
        +244s deadline
        +245s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s   zones 1 window immediate away
      accepted
      flat v1 disarmed
    +0s   mum arms away
      accepted
      flat v2 away
    +5s   trigger 1
      accepted, see a1 v1
      a1 v1 ×1 notified at guard, deadline +35s (Level(Centre))
      + Raised
      + Told(Household)
      + Told(Guard)
      > household: raised, a1 v1
      > guard: raised, a1 v1
    +34s  deadline
      ignored StaleDeadline
    +35s  deadline
      accepted, see a1 v2
      a1 v2 ×1 notified at centre, deadline +185s (Level(Outside))
      + Told(Centre)
      > centre: raised, a1 v2
    +185s deadline
      accepted, see a1 v3
      a1 v3 ×1 notified at outside, deadline +245s (Again)
      + Told(Outside)
      > outside: raised, a1 v3
    +244s deadline
      ignored StaleDeadline
    +245s deadline
      accepted, see a1 v4
      a1 v4 ×1 notified at outside, deadline +305s (Again)
      > household: raised, a1 v4
      > guard: raised, a1 v4
      > centre: raised, a1 v4
      > outside: raised, a1 v4
    ");
}

#[test]
fn an_acknowledgement_by_a_person_ends_the_escalation() {
    let transcript = check(
        "
        +0s  zones 1 window immediate away
        +0s  mum arms away
        +5s  trigger 1
        +9s  anna acknowledges saying the night guard
        +35s deadline
        +60s anna handles
        +90s anna resolves saying the wind
        +90s anna resolves saying the wind
        ",
    );

    assert_snapshot!(transcript, @"
    +0s  zones 1 window immediate away
      accepted
      flat v1 disarmed
    +0s  mum arms away
      accepted
      flat v2 away
    +5s  trigger 1
      accepted, see a1 v1
      a1 v1 ×1 notified at guard, deadline +35s (Level(Centre))
      + Raised
      + Told(Household)
      + Told(Guard)
      > household: raised, a1 v1
      > guard: raised, a1 v1
    +9s  anna acknowledges saying the night guard
      accepted, see a1 v2
      a1 v2 ×1 acknowledged by Operator(anna)
      + Acknowledged the night guard
      > household: acknowledged, a1 v2
      > guard: acknowledged, a1 v2
    +35s deadline
      ignored StaleDeadline
    +60s anna handles
      accepted, see a1 v3
      a1 v3 ×1 handling by Operator(anna)
      + Handling
      > household: acknowledged, a1 v3
      > guard: acknowledged, a1 v3
    +90s anna resolves saying the wind
      accepted, see a1 v4
      a1 v4 ×1 resolved by Operator(anna)
      + Ended(Resolved) the wind
      > household: over, a1 v4
      > guard: over, a1 v4
    +90s anna resolves saying the wind
      accepted, see a1 v4
    ");
}

#[test]
fn duress_is_silent_at_home_and_goes_straight_to_the_centre() {
    let transcript = check(
        "
        +0s   zones 3 panic duress
        +5s   trigger 3
        +6s   mum acknowledges saying nobody
        +185s deadline
        +190s desk acknowledges saying the police
        ",
    );

    assert_snapshot!(transcript, @"
    +0s   zones 3 panic duress
      accepted
      flat v1 disarmed
    +5s   trigger 3
      accepted, see a1 v1
      a1 v1 ×1 notified at centre, deadline +185s (Level(Outside))
      + Raised
      + Told(Centre)
      > centre: raised, a1 v1
    +6s   mum acknowledges saying nobody
      refused UnknownAlarm
    +185s deadline
      accepted, see a1 v2
      a1 v2 ×1 notified at outside, deadline +245s (Again)
      + Told(Outside)
      > outside: raised, a1 v2
    +190s desk acknowledges saying the police
      accepted, see a1 v3
      a1 v3 ×1 acknowledged by Centre(centre:desk)
      + Acknowledged the police
      > centre: acknowledged, a1 v3
      > outside: acknowledged, a1 v3
    ");
}

#[test]
fn after_an_outage_every_level_whose_time_has_come_is_told_at_once() {
    let transcript = check(
        "
        +0s   zones 1 window immediate away
        +0s   mum arms away
        +5s   trigger 1
        +900s deadline a1 v1
        +900s deadline a1 v1
        ",
    );

    assert_snapshot!(transcript, @"
    +0s   zones 1 window immediate away
      accepted
      flat v1 disarmed
    +0s   mum arms away
      accepted
      flat v2 away
    +5s   trigger 1
      accepted, see a1 v1
      a1 v1 ×1 notified at guard, deadline +35s (Level(Centre))
      + Raised
      + Told(Household)
      + Told(Guard)
      > household: raised, a1 v1
      > guard: raised, a1 v1
    +900s deadline a1 v1
      accepted, see a1 v2
      a1 v2 ×1 notified at outside, deadline +960s (Again)
      + Told(Centre)
      + Told(Outside)
      > centre: raised, a1 v2
      > outside: raised, a1 v2
    +900s deadline a1 v1
      ignored StaleDeadline
    ");
}

#[test]
fn a_deadline_of_an_older_version_changes_nothing() {
    let transcript = check(
        "
        +0s  zones 1 window immediate away
        +0s  mum arms away
        +5s  trigger 1
        +20s trigger 1
        +35s deadline a1 v1
        +35s deadline a1 v2
        ",
    );

    assert_snapshot!(transcript, @"
    +0s  zones 1 window immediate away
      accepted
      flat v1 disarmed
    +0s  mum arms away
      accepted
      flat v2 away
    +5s  trigger 1
      accepted, see a1 v1
      a1 v1 ×1 notified at guard, deadline +35s (Level(Centre))
      + Raised
      + Told(Household)
      + Told(Guard)
      > household: raised, a1 v1
      > guard: raised, a1 v1
    +20s trigger 1
      accepted, see a1 v2
      a1 v2 ×2 notified at guard, deadline +35s (Level(Centre))
    +35s deadline a1 v1
      ignored StaleDeadline
    +35s deadline a1 v2
      accepted, see a1 v3
      a1 v3 ×2 notified at centre, deadline +185s (Level(Outside))
      + Told(Centre)
      > centre: raised, a1 v3
    ");
}
