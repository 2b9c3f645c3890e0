//! The grammar of a story: one line, one time and one thing that happens.
//!
//! ```text
//! +0s  zones 1 window immediate away sleep | 2 door delayed 20s away | 3 bed nursing 60s home
//! +0s  mum arms away            guard-anna arms disarmed
//! +3s  trigger 1
//! +9s  dad acknowledges saying dad runs up      anna handles      anna resolves saying cat
//! +9s  anna calls it false      deadline        deadline a1 v1    lapse       lapse v3
//! ```
//!
//! Mum, dad and kid live in the flat, the neighbour does not, desk is a centre, everybody else is an
//! operator. An alarm is the last one raised unless it is named.

use std::time::Duration;

use crate::alarm::tests::play::World;
use crate::alarm::{Input, Mode, Modes, Outcome, Person, Policy, Times, Zone, ZoneNo};
use crate::call::Version;
use crate::id::AlarmId;
use crate::time::Instant;

/// Splits a line into its moment and the rest.
pub(super) fn to_moment(line: &str) -> (Instant, &str) {
    let (at, rest) = line.split_once(' ').expect("something happens");
    let at = at.strip_prefix('+').expect("a line starts with +time");
    (Instant::from_ms(0) + to_duration(at), rest.trim())
}

/// Reads what happens; none: nothing.
pub(super) fn to_input(text: &str, world: &World) -> Option<Input> {
    let (text, note) = text.split_once(" saying ").unwrap_or((text, ""));
    if let Some(zones) = text.strip_prefix("zones ") {
        let zones = zones.split('|').map(to_zone).collect();
        let flat = world.site.flat.clone();
        return Some(Input::SetZones { flat, zones });
    }
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let version = take_number(&mut words, 'v').map(Version);
    let alarm = match take_number(&mut words, 'a') {
        Some(number) => AlarmId::from(format!("a{number}")),
        None => AlarmId::from(format!("a{}", world.alarms.len())),
    };
    let flat = world.site.flat.clone();
    let fresh = AlarmId::from(format!("a{}", world.alarms.len() + 1));
    let times = Times::default();
    let by = to_person(words.first().copied().unwrap_or_default());
    Some(match words.as_slice() {
        ["wait"] => return None,
        ["trigger", zone] => Input::Trigger {
            flat,
            zone: ZoneNo::new(zone.parse().expect("a number")).expect("1 to 8"),
            fresh,
            times,
        },
        ["lapse"] => Input::Lapse {
            version: version.unwrap_or(world.site.version),
            flat,
            fresh,
            times,
        },
        ["deadline"] => Input::Deadline {
            version: version.unwrap_or_else(|| world.alarms[&alarm].version),
            alarm,
        },
        [_, "arms", mode] => Input::Arm {
            flat,
            mode: to_mode(mode),
            by,
        },
        [_, "acknowledges"] => Input::Acknowledge {
            alarm,
            by,
            going: note.to_owned(),
        },
        [_, "handles"] => Input::Handle { alarm, by },
        [_, "resolves"] => Input::Close {
            alarm,
            by,
            outcome: Outcome::Resolved,
            reason: note.to_owned(),
        },
        [_, "calls", "it", "false"] => Input::Close {
            alarm,
            by,
            outcome: Outcome::FalseAlarm,
            reason: note.to_owned(),
        },
        other => panic!("no such act: {other:?}"),
    })
}

fn take_number(words: &mut Vec<&str>, mark: char) -> Option<u64> {
    let number = words.last()?.strip_prefix(mark)?.parse().ok()?;
    words.pop();
    Some(number)
}

fn to_person(name: &str) -> Person {
    let flat = if name == "neighbour" { "302" } else { "301" };
    match name {
        "mum" | "dad" | "kid" | "neighbour" => Person::Resident {
            resident: name.into(),
            flat: flat.into(),
        },
        "desk" => Person::Centre("centre:desk".into()),
        _ => Person::Operator(name.into()),
    }
}

fn to_mode(name: &str) -> Mode {
    let named = Mode::ALL.into_iter().find(|mode| mode.name() == name);
    named.expect("a mode")
}

fn to_zone(text: &str) -> Zone {
    let mut words = text.split_whitespace().peekable();
    let no = words.next().and_then(|number| number.parse().ok());
    let name = words.next().expect("a name").to_owned();
    let policy = words.next().expect("a policy");
    let time = words.next_if(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let time = time.map(to_duration);
    Zone {
        no: no.and_then(ZoneNo::new).expect("1 to 8"),
        name,
        policy: match (policy, time) {
            ("immediate", None) => Policy::Immediate,
            ("duress", None) => Policy::Duress,
            ("delayed", Some(time)) => Policy::Delayed(time),
            ("nursing", Some(time)) => Policy::Nursing(time),
            other => panic!("no such policy: {other:?}"),
        },
        modes: words.map(to_mode).collect::<Modes>(),
    }
}

fn to_duration(text: &str) -> Duration {
    let seconds = text.strip_suffix('s').and_then(|n| n.parse().ok());
    Duration::from_secs(seconds.expect("a time in s"))
}
