//! Who may take an alarm on, and in which order.

use insta::assert_snapshot;

use crate::alarm::tests::play::check;

#[test]
fn the_first_who_acknowledges_has_it_and_the_second_learns_it() {
    let transcript = check(
        "
        +0s zones 1 window immediate away
        +0s mum arms away
        +5s trigger 1
        +6s neighbour acknowledges saying me
        +7s mum acknowledges saying mum
        +8s mum acknowledges saying mum
        +9s anna acknowledges saying the guard
        ",
    );

    assert_snapshot!(transcript, @"
    +0s zones 1 window immediate away
      accepted
      flat v1 disarmed
    +0s mum arms away
      accepted
      flat v2 away
    +5s trigger 1
      accepted, see a1 v1
      a1 v1 ×1 notified at guard, deadline +35s (Level(Centre))
      + Raised
      + Told(Household)
      + Told(Guard)
      > household: raised, a1 v1
      > guard: raised, a1 v1
    +6s neighbour acknowledges saying me
      refused UnknownAlarm
    +7s mum acknowledges saying mum
      accepted, see a1 v2
      a1 v2 ×1 acknowledged by Resident { resident: mum, flat: 301 }
      + Acknowledged mum
      > household: acknowledged, a1 v2
      > guard: acknowledged, a1 v2
    +8s mum acknowledges saying mum
      accepted, see a1 v2
    +9s anna acknowledges saying the guard
      refused AlreadyAcknowledged, see a1 v2
    ");
}

#[test]
fn nobody_is_there_and_nothing_is_over_before_somebody_acknowledged() {
    let transcript = check(
        "
        +0s zones 1 window immediate away
        +0s mum arms away
        +5s trigger 1
        +6s anna handles
        +6s anna resolves
        +7s anna acknowledges saying ben
        +8s anna calls it false saying a bird
        +9s anna resolves
        +9s ben acknowledges saying ben
        +9s ben acknowledges a7 saying ben
        ",
    );

    assert_snapshot!(transcript, @"
    +0s zones 1 window immediate away
      accepted
      flat v1 disarmed
    +0s mum arms away
      accepted
      flat v2 away
    +5s trigger 1
      accepted, see a1 v1
      a1 v1 ×1 notified at guard, deadline +35s (Level(Centre))
      + Raised
      + Told(Household)
      + Told(Guard)
      > household: raised, a1 v1
      > guard: raised, a1 v1
    +6s anna handles
      refused NotAcknowledged, see a1 v1
    +6s anna resolves
      refused NotAcknowledged, see a1 v1
    +7s anna acknowledges saying ben
      accepted, see a1 v2
      a1 v2 ×1 acknowledged by Operator(anna)
      + Acknowledged ben
      > household: acknowledged, a1 v2
      > guard: acknowledged, a1 v2
    +8s anna calls it false saying a bird
      accepted, see a1 v3
      a1 v3 ×1 false_alarm by Operator(anna)
      + Ended(FalseAlarm) a bird
      > household: over, a1 v3
      > guard: over, a1 v3
    +9s anna resolves
      refused Ended, see a1 v3
    +9s ben acknowledges saying ben
      refused Ended, see a1 v3
    +9s ben acknowledges a7 saying ben
      refused UnknownAlarm
    ");
}

#[test]
fn disarming_leaves_an_alarm_that_was_raised() {
    let transcript = check(
        "
        +0s  zones 1 window immediate away
        +0s  mum arms away
        +5s  trigger 1
        +6s  mum arms disarmed
        +35s deadline
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
    +6s  mum arms disarmed
      accepted
      flat v3 disarmed
    +35s deadline
      accepted, see a1 v2
      a1 v2 ×1 notified at centre, deadline +185s (Level(Outside))
      + Told(Centre)
      > centre: raised, a1 v2
    ");
}
