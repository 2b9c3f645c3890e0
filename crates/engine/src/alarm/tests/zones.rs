//! What triggers mean, by policy and mode, and what is counted.

use insta::assert_snapshot;

use crate::alarm::tests::play::check;

#[test]
fn a_zone_counts_only_in_its_modes() {
    let transcript = check(
        "
        +0s zones 1 window immediate away sleep | 2 smoke immediate away home sleep custom disarmed
        +1s trigger 1
        +2s trigger 2
        +3s mum arms home
        +4s trigger 1
        +5s mum arms sleep
        +6s trigger 1
        +7s trigger 8
        ",
    );

    assert_snapshot!(transcript, @"
    +0s zones 1 window immediate away sleep | 2 smoke immediate away home sleep custom disarmed
      accepted
      flat v1 disarmed
    +1s trigger 1
      ignored NotArmed
    +2s trigger 2
      accepted, see a1 v1
      a1 v1 ×1 notified at guard, deadline +32s (Level(Centre))
      + Raised
      + Told(Household)
      + Told(Guard)
      > household: raised, a1 v1
      > guard: raised, a1 v1
    +3s mum arms home
      accepted
      flat v2 home
    +4s trigger 1
      ignored NotArmed
    +5s mum arms sleep
      accepted
      flat v3 sleep
    +6s trigger 1
      accepted, see a2 v1
      a2 v1 ×1 notified at guard, deadline +36s (Level(Centre))
      + Raised
      + Told(Household)
      + Told(Guard)
      > household: raised, a2 v1
      > guard: raised, a2 v1
    +7s trigger 8
      refused UnknownZone
    ");
}

#[test]
fn repeats_are_counted_and_a_later_trigger_is_an_alarm_of_its_own() {
    let transcript = check(
        "
        +0s  zones 1 window immediate away
        +0s  mum arms away
        +5s  trigger 1
        +6s  trigger 1
        +8s  dad acknowledges saying dad
        +9s  dad calls it false
        +14s trigger 1
        +16s trigger 1
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
    +6s  trigger 1
      accepted, see a1 v2
      a1 v2 ×2 notified at guard, deadline +35s (Level(Centre))
    +8s  dad acknowledges saying dad
      accepted, see a1 v3
      a1 v3 ×2 acknowledged by Resident { resident: dad, flat: 301 }
      + Acknowledged dad
      > household: acknowledged, a1 v3
      > guard: acknowledged, a1 v3
    +9s  dad calls it false
      accepted, see a1 v4
      a1 v4 ×2 false_alarm by Resident { resident: dad, flat: 301 }
      + Ended(FalseAlarm)
      > household: over, a1 v4
      > guard: over, a1 v4
    +14s trigger 1
      accepted, see a1 v5
      a1 v5 ×3 false_alarm by Resident { resident: dad, flat: 301 }
    +16s trigger 1
      accepted, see a2 v1
      a2 v1 ×1 notified at guard, deadline +46s (Level(Centre))
      + Raised
      + Told(Household)
      + Told(Guard)
      > household: raised, a2 v1
      > guard: raised, a2 v1
    ");
}

#[test]
fn what_happens_at_an_alarm_that_was_taken_on_is_told_anew() {
    let transcript = check(
        "
        +0s  zones 1 window immediate away
        +0s  mum arms away
        +5s  trigger 1
        +8s  dad acknowledges saying dad
        +12s trigger 1
        +31s trigger 1
        +61s deadline
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
    +8s  dad acknowledges saying dad
      accepted, see a1 v2
      a1 v2 ×1 acknowledged by Resident { resident: dad, flat: 301 }
      + Acknowledged dad
      > household: acknowledged, a1 v2
      > guard: acknowledged, a1 v2
    +12s trigger 1
      accepted, see a1 v3
      a1 v3 ×2 acknowledged by Resident { resident: dad, flat: 301 }
    +31s trigger 1
      accepted, see a1 v4
      a1 v4 ×3 notified at guard, deadline +61s (Level(Centre))
      + Raised
      + Told(Household)
      + Told(Guard)
      > household: raised, a1 v4
      > guard: raised, a1 v4
    +61s deadline
      accepted, see a1 v5
      a1 v5 ×3 notified at centre, deadline +211s (Level(Outside))
      + Told(Centre)
      > centre: raised, a1 v5
    ");
}

#[test]
fn disarming_within_the_entry_delay_cancels_it() {
    let transcript = check(
        "
        +0s  zones 2 door delayed 20s away
        +0s  mum arms away
        +5s  trigger 2
        +9s  trigger 2
        +20s mum arms disarmed
        +25s lapse
        ",
    );

    assert_snapshot!(transcript, @"
    +0s  zones 2 door delayed 20s away
      accepted
      flat v1 disarmed
    +0s  mum arms away
      accepted
      flat v2 away
    +5s  trigger 2
      accepted
      flat v3 away, deadline +25s (Entry of zone 2)
    +9s  trigger 2
      accepted
      flat v4 away, deadline +25s (Entry of zone 2)
    +20s mum arms disarmed
      accepted
      flat v5 disarmed
    +25s lapse
      ignored StaleDeadline
    ");
}

#[test]
fn an_entry_delay_that_ends_armed_raises_the_alarm_with_all_its_triggers() {
    let transcript = check(
        "
        +0s  zones 2 door delayed 20s away
        +0s  mum arms away
        +5s  trigger 2
        +9s  trigger 2
        +10s zones 2 frontdoor delayed 30s away home
        +24s lapse
        +25s lapse
        +26s trigger 2
        ",
    );

    assert_snapshot!(transcript, @"
    +0s  zones 2 door delayed 20s away
      accepted
      flat v1 disarmed
    +0s  mum arms away
      accepted
      flat v2 away
    +5s  trigger 2
      accepted
      flat v3 away, deadline +25s (Entry of zone 2)
    +9s  trigger 2
      accepted
      flat v4 away, deadline +25s (Entry of zone 2)
    +10s zones 2 frontdoor delayed 30s away home
      accepted
      flat v5 away, deadline +25s (Entry of zone 2)
    +24s lapse
      ignored StaleDeadline
    +25s lapse
      accepted, see a1 v1
      flat v6 away
      a1 v1 ×2 notified at guard, deadline +55s (Level(Centre))
      + Raised
      + Told(Household)
      + Told(Guard)
      > household: raised, a1 v1
      > guard: raised, a1 v1
    +26s trigger 2
      accepted, see a1 v2
      a1 v2 ×3 notified at guard, deadline +55s (Level(Centre))
    ");
}

#[test]
fn a_nursing_zone_raises_when_it_is_quiet_and_tells_the_guard_unless_a_resident_confirms() {
    let transcript = check(
        "
        +0s   zones 4 bed nursing 60s home
        +0s   mum arms home
        +30s  trigger 4
        +60s  lapse
        +90s  lapse
        +120s deadline
        +150s lapse
        +151s trigger 4
        +152s mum acknowledges saying mum slept
        ",
    );

    assert_snapshot!(transcript, @"
    +0s   zones 4 bed nursing 60s home
      accepted
      flat v1 disarmed
    +0s   mum arms home
      accepted
      flat v2 home, deadline +60s (Quiet of zone 4)
    +30s  trigger 4
      accepted
      flat v3 home, deadline +90s (Quiet of zone 4)
    +60s  lapse
      ignored StaleDeadline
    +90s  lapse
      accepted, see a1 v1
      flat v4 home, deadline +150s (Quiet of zone 4)
      a1 v1 ×1 notified at household, deadline +120s (Level(Guard))
      + Raised
      + Told(Household)
      > household: raised, a1 v1
    +120s deadline
      accepted, see a1 v2
      a1 v2 ×1 notified at centre, deadline +270s (Level(Outside))
      + Told(Guard)
      + Told(Centre)
      > guard: raised, a1 v2
      > centre: raised, a1 v2
    +150s lapse
      accepted, see a1 v3
      flat v5 home, deadline +210s (Quiet of zone 4)
      a1 v3 ×2 notified at centre, deadline +270s (Level(Outside))
    +151s trigger 4
      accepted
      flat v6 home, deadline +211s (Quiet of zone 4)
    +152s mum acknowledges saying mum slept
      accepted, see a1 v4
      a1 v4 ×2 acknowledged by Resident { resident: mum, flat: 301 }
      + Acknowledged mum slept
      > household: acknowledged, a1 v4
      > guard: acknowledged, a1 v4
      > centre: acknowledged, a1 v4
    ");
}

#[test]
fn a_resident_who_confirms_keeps_the_guard_out_of_a_nursing_alarm() {
    let transcript = check(
        "
        +0s  zones 4 bed nursing 60s home
        +0s  mum arms home
        +60s lapse
        +80s mum acknowledges saying mum is well
        +90s deadline
        ",
    );

    assert_snapshot!(transcript, @"
    +0s  zones 4 bed nursing 60s home
      accepted
      flat v1 disarmed
    +0s  mum arms home
      accepted
      flat v2 home, deadline +60s (Quiet of zone 4)
    +60s lapse
      accepted, see a1 v1
      flat v3 home, deadline +120s (Quiet of zone 4)
      a1 v1 ×1 notified at household, deadline +90s (Level(Guard))
      + Raised
      + Told(Household)
      > household: raised, a1 v1
    +80s mum acknowledges saying mum is well
      accepted, see a1 v2
      a1 v2 ×1 acknowledged by Resident { resident: mum, flat: 301 }
      + Acknowledged mum is well
      > household: acknowledged, a1 v2
    +90s deadline
      ignored StaleDeadline
    ");
}

#[test]
fn zones_with_one_number_twice_or_a_time_out_of_bounds_are_refused() {
    let transcript = check(
        "
        +0s zones 1 window immediate away | 1 door immediate away
        +1s zones 2 door delayed 301s away
        +2s zones 4 bed nursing 59s home
        ",
    );

    assert_snapshot!(transcript, @"
    +0s zones 1 window immediate away | 1 door immediate away
      refused BadZones
    +1s zones 2 door delayed 301s away
      refused BadZones
    +2s zones 4 bed nursing 59s home
      refused BadZones
    ");
}
