//! Who may open what.

use std::time::Duration;

use crate::access::{
    Access, CodeEntry, Credential, CredentialKind, Denial, Door, Facts, Home, LOCK_LIFE, Nonce,
    Place, Spends, WRONG_LIFE, WRONG_MAX, Way, decide,
};
use crate::call::{self, Actor, Call, Input, Plan, Scene, Stage, Target};
use crate::time::Instant;

const NOW: Instant = Instant::from_ms(1_000_000);

fn place(unit: &str) -> Place {
    Place {
        community: "gardens".into(),
        unit: (!unit.is_empty()).then(|| unit.into()),
    }
}

fn home(flat: &str, unit: &str) -> Home {
    Home {
        flat: flat.into(),
        place: place(unit),
    }
}

/// A gate that serves the whole community, and nothing else known.
fn facts() -> Facts {
    Facts {
        door: Door {
            device: "gate".into(),
            place: place(""),
            flat: None,
        },
        call: None,
        home: None,
        credential: None,
        entry: CodeEntry::default(),
        nonce: None,
        is_manager: false,
    }
}

fn credential() -> Credential {
    Credential {
        id: "code".into(),
        kind: CredentialKind::Visitor,
        community: "gardens".into(),
        flat: "101".into(),
        resident: None,
        from: None,
        until: None,
        uses_left: None,
    }
}

fn told(way: &Way, facts: &Facts) -> Result<Spends, Denial> {
    decide(way, facts, NOW).verdict
}

#[test]
fn a_door_serves_its_entrance_or_the_community_or_one_flat() {
    let door = |unit: &str, flat: Option<&str>| Door {
        device: "door".into(),
        place: place(unit),
        flat: flat.map(Into::into),
    };
    let stranger = Home {
        flat: "101".into(),
        place: Place {
            community: "hills".into(),
            unit: Some("a".into()),
        },
    };

    assert!(door("", None).serves(&home("101", "a")));
    assert!(door("a", None).serves(&home("101", "a")));
    assert!(!door("a", None).serves(&home("201", "b")));
    assert!(!door("a", None).serves(&home("301", "")));
    assert!(!door("", None).serves(&stranger) && !door("a", None).serves(&stranger));
    assert!(door("a", Some("101")).serves(&home("101", "a")));
    assert!(!door("a", Some("101")).serves(&home("102", "a")));
}

#[test]
fn a_resident_opens_what_serves_the_flat() {
    let way = Way::Resident("mum".into());
    let mut facts = facts();
    assert_eq!(told(&way, &facts), Err(Denial::NoRight));

    facts.home = Some(home("101", "a"));
    assert_eq!(told(&way, &facts), Ok(Spends::Nothing));

    facts.door.place = place("b");
    assert_eq!(told(&way, &facts), Err(Denial::NoRight));
}

#[test]
fn an_operator_opens_common_doors_of_the_own_community_alone() {
    let way = Way::Operator("anna".into());
    let mut facts = facts();
    assert_eq!(told(&way, &facts), Err(Denial::NoRight));

    facts.is_manager = true;
    assert_eq!(told(&way, &facts), Ok(Spends::Nothing));

    facts.door.flat = Some("101".into());
    assert_eq!(told(&way, &facts), Err(Denial::NeedsAlarm));
}

#[test]
fn a_flats_own_door_opens_once_against_its_live_alarm() {
    let mut facts = facts();
    facts.door.flat = Some("101".into());
    facts.home = Some(home("101", "a"));
    facts.is_manager = true;
    assert_eq!(told(&Way::Alarm, &facts), Err(Denial::NoAlarm));
    let nonce = Nonce {
        flat: "101".into(),
        expires: NOW + Duration::from_secs(120),
        is_used: false,
    };

    facts.nonce = Some(nonce.clone());
    assert_eq!(told(&Way::Alarm, &facts), Ok(Spends::Nonce));

    facts.is_manager = false;
    assert_eq!(told(&Way::Alarm, &facts), Err(Denial::NoRight));
    facts.is_manager = true;
    facts.nonce = Some(Nonce {
        is_used: true,
        ..nonce.clone()
    });
    assert_eq!(told(&Way::Alarm, &facts), Err(Denial::NoAlarm));
    facts.nonce = Some(Nonce {
        expires: NOW,
        ..nonce.clone()
    });
    assert_eq!(told(&Way::Alarm, &facts), Err(Denial::NoAlarm));
    facts.nonce = Some(nonce);
    facts.home = Some(home("102", "a"));
    assert_eq!(told(&Way::Alarm, &facts), Err(Denial::NoRight));
}

#[test]
fn a_code_opens_in_its_time_and_as_often_as_it_may() {
    let second = Duration::from_secs(1);
    let mut facts = facts();
    facts.home = Some(home("101", "a"));
    let mut check = |change: fn(&mut Credential), expected| {
        let mut shown = credential();
        change(&mut shown);
        facts.credential = Some(shown);
        assert_eq!(told(&Way::Code, &facts), expected);
    };

    check(|_| {}, Ok(Spends::Nothing));
    check(
        |one| one.uses_left = Some(1),
        Ok(Spends::Use("code".into())),
    );
    check(|one| one.uses_left = Some(0), Err(Denial::UsedUp));
    check(|one| one.from = Some(NOW), Ok(Spends::Nothing));
    check(
        |one| one.from = Some(Instant::from_ms(1_000_001)),
        Err(Denial::NotYet),
    );
    check(|one| one.until = Some(NOW), Err(Denial::Over));
    check(
        |one| one.until = Some(Instant::from_ms(1_000_001)),
        Ok(Spends::Nothing),
    );
    facts.credential = Some(credential());
    facts.door.place = place("b");
    assert_eq!(told(&Way::Code, &facts), Err(Denial::NoRight));
    let until = |by| Way::Qr(Some(by));
    assert_eq!(told(&until(NOW), &facts), Err(Denial::Over));
    assert_eq!(told(&Way::Qr(None), &facts), Err(Denial::WrongCode));
    assert_eq!(told(&until(NOW + second), &facts), Err(Denial::NoRight));
}

#[test]
fn five_wrong_codes_lock_the_entry_for_a_minute() {
    let mut facts = facts();
    let mut now = NOW;
    for no in 1..=WRONG_MAX {
        let Access { verdict, entry } = decide(&Way::Code, &facts, now);
        assert_eq!(verdict, Err(Denial::WrongCode));
        facts.entry = entry.expect("it is counted");
        assert_eq!(facts.entry.is_locked(now), no == WRONG_MAX);
    }
    facts.home = Some(home("101", "a"));
    facts.credential = Some(credential());

    let locked = decide(&Way::Code, &facts, now);
    assert_eq!(
        (locked.verdict, locked.entry),
        (Err(Denial::EntryLocked), None)
    );
    assert!(told(&Way::Card, &facts).is_ok(), "cards are not guessed");
    now = now + (LOCK_LIFE - Duration::from_millis(1));
    assert_eq!(
        decide(&Way::Code, &facts, now).verdict,
        Err(Denial::EntryLocked)
    );
    now = now + Duration::from_millis(1);

    let again = decide(&Way::Code, &facts, now);
    assert_eq!(again.verdict, Ok(Spends::Nothing));
    assert_eq!(again.entry, None);
}

#[test]
fn wrong_codes_are_forgotten_by_time_and_not_by_a_right_one() {
    let mut facts = facts();
    for _ in 1..WRONG_MAX {
        facts.entry = decide(&Way::Code, &facts, NOW).entry.expect("counted");
    }
    let wrong = facts.clone();
    facts.home = Some(home("101", "a"));
    facts.credential = Some(credential());

    let right = decide(&Way::Code, &facts, NOW);
    let next = decide(
        &Way::Code,
        &wrong,
        NOW + (WRONG_LIFE - Duration::from_millis(1)),
    );
    let later = decide(&Way::Code, &wrong, NOW + WRONG_LIFE);

    assert_eq!((right.verdict, right.entry), (Ok(Spends::Nothing), None));
    assert!(next.entry.expect("counted").locked_until.is_some());
    assert_eq!(later.entry.expect("counted").wrong, 1);
}

#[test]
fn in_a_call_those_who_ring_may_then_the_one_who_answered() {
    let mut call = ringing();
    let mut facts = facts();
    let mum = || Way::Call(vec![actor("mum")]);
    assert_eq!(told(&mum(), &facts), Err(Denial::NotInCall));

    facts.call = Some(call.clone());
    assert!(told(&mum(), &facts).is_ok() && told(&Way::Call(vec![actor("dad")]), &facts).is_ok());
    assert_eq!(
        told(&Way::Call(vec![actor("door")]), &facts),
        Err(Denial::NotInCall)
    );
    assert_eq!(
        told(&Way::Call(vec![actor("ann")]), &facts),
        Err(Denial::NotInCall)
    );
    assert!(told(&Way::Call(vec![actor("ann"), actor("mum")]), &facts).is_ok());

    let claim = Input::Claim {
        call: call.id.clone(),
        by: actor("mum"),
        note: None,
    };
    call = step(&call, claim);
    facts.call = Some(call.clone());
    assert!(told(&mum(), &facts).is_ok());
    assert_eq!(
        told(&Way::Call(vec![actor("dad")]), &facts),
        Err(Denial::LegClosed)
    );
    let other_hand = Actor {
        endpoint: "mum".into(),
        hand: "other".into(),
    };
    assert_eq!(
        told(&Way::Call(vec![other_hand]), &facts),
        Err(Denial::LegClosed)
    );

    let end = Input::End {
        call: call.id.clone(),
        note: None,
    };
    facts.is_manager = true;
    assert!(told(&Way::Operator("anna".into()), &facts).is_ok());
    facts.call = Some(step(&call, end));
    assert_eq!(told(&mum(), &facts), Err(Denial::CallEnded));
    assert_eq!(
        told(&Way::Operator("anna".into()), &facts),
        Err(Denial::CallEnded)
    );
}

fn actor(name: &str) -> Actor {
    Actor {
        endpoint: name.into(),
        hand: "one".into(),
    }
}

/// The door rings mum and dad.
fn ringing() -> Call {
    let target = |name: &str| Target {
        endpoint: name.into(),
        resident: Some(name.into()),
        household: "101".into(),
    };
    let stage = Stage {
        targets: vec![target("mum"), target("dad")],
        ring: Duration::from_secs(30),
        keep: false,
    };
    let plan = Plan {
        dialled: "101".into(),
        stages: vec![stage],
        ring: Duration::from_secs(30),
        talk: Duration::from_secs(60),
        preview: true,
        declines: None,
        unlock_ends: true,
        scene: Scene::default(),
    };
    let invite = Input::Invite {
        call: "call".into(),
        caller: actor("door"),
        plan,
    };
    let decision = call::decide(invite, &call::Facts::default(), NOW);
    decision.call.expect("a call began")
}

fn step(call: &Call, input: Input) -> Call {
    let mut facts = call::Facts::default();
    facts.calls.insert(call.id.clone(), call.clone());
    let decision = call::decide(input, &facts, NOW);
    decision.call.expect("the call is there")
}
