//! The grammar of a scenario: one line, one time and one thing that happens.
//!
//! ```text
//! +0s   door dials 301: mum dad 10s keep | kid 20s, ring 40s, talk 60s, blind
//! +0s   door dials 301: mum dad, declines household, unmoved
//! +3s   mum claims            mum/tablet claims c1        dad declines household
//! +3s   dad gives up          mum hangs up                operator ends
//! +3s   kid joins             deadline                    deadline c1 v1
//! +3s   door opens
//! +3s   mum goes              mum is back                 wait
//! ```
//!
//! An actor is an endpoint, with its hand after a slash. A call is the last one made unless it is
//! named. `saying x` after an act is its note. A stage lasts and a call rings 30 s unless said;
//! an `unmoved` one rings on when the door is opened.

use std::time::Duration;

use crate::call::tests::world::World;
use crate::call::{Actor, Gone, Input, Plan, Scene, Scope, Stage, Target, Version};
use crate::id::{CallId, EndpointId, FlatId, ResidentId};
use crate::time::Instant;

/// What one line asks for.
pub(super) enum Step {
    Input(Input),
    Goes(EndpointId),
    IsBack(EndpointId),
    Wait,
}

/// Splits a line into its moment and the rest.
pub(super) fn to_moment(line: &str) -> (Instant, &str) {
    let (at, rest) = line.split_once(' ').unwrap_or((line, "wait"));
    let at = at.strip_prefix('+').expect("a line starts with +time");
    (Instant::from_ms(0) + to_duration(at), rest.trim())
}

/// Reads what happens.
pub(super) fn to_step(text: &str, world: &World) -> Step {
    let (text, note) = match text.split_once(" saying ") {
        Some((text, note)) => (text, Some(note.to_owned())),
        None => (text, None),
    };
    if let Some((caller, plan)) = text.split_once(" dials ") {
        return Step::Input(Input::Invite {
            call: CallId::from(format!("c{}", world.calls.len() + 1)),
            caller: to_actor(caller),
            plan: to_plan(plan),
        });
    }
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let armed = take_number(&mut words, 'v').map(Version);
    let call = match take_number(&mut words, 'c') {
        Some(number) => CallId::from(format!("c{number}")),
        None => CallId::from(format!("c{}", world.calls.len())),
    };
    let Some((&who, act)) = words.split_first() else {
        return Step::Wait;
    };
    let by = to_actor(who);
    Step::Input(match act {
        ["claims"] => Input::Claim { call, by, note },
        ["declines", scope] => Input::Decline {
            call,
            by,
            scope: to_scope(scope),
            note,
        },
        ["gives", "up"] => give_up(call, by, Gone::Silent),
        ["is", "busy"] => give_up(call, by, Gone::Busy),
        ["is", "unreachable"] => give_up(call, by, Gone::Unreachable),
        ["hangs", "up"] => Input::Hangup { call, by, note },
        ["joins"] => Input::Join {
            call,
            target: to_target(who),
        },
        ["ends"] => Input::End { call, note },
        ["opens"] => Input::Opened { call },
        ["goes"] => return Step::Goes(by.endpoint),
        ["is", "back"] => return Step::IsBack(by.endpoint),
        [] if who == "deadline" => {
            let version = armed.unwrap_or_else(|| world.calls[&call].version);
            Input::Deadline { call, version }
        }
        [] if who == "wait" => return Step::Wait,
        other => panic!("no such act: {who} {other:?}"),
    })
}

fn give_up(call: CallId, by: Actor, gone: Gone) -> Input {
    Input::GiveUp { call, by, gone }
}

/// Takes the last word off if it is `mark` and a number.
fn take_number(words: &mut Vec<&str>, mark: char) -> Option<u64> {
    let number = words.last()?.strip_prefix(mark)?.parse().ok()?;
    words.pop();
    Some(number)
}

fn to_actor(text: &str) -> Actor {
    let (endpoint, hand) = text.split_once('/').unwrap_or((text, "phone"));
    Actor {
        endpoint: endpoint.into(),
        hand: hand.into(),
    }
}

fn to_scope(text: &str) -> Scope {
    match text {
        "device" => Scope::Device,
        "resident" => Scope::Resident,
        "household" => Scope::Household,
        other => panic!("no such scope: {other}"),
    }
}

/// The cast: `mum2` is another endpoint of mum; screens are nobody's; ann, bob and their screen
/// live in 302, the desk is by itself, all others live in 301.
fn to_target(name: &str) -> Target {
    let person = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let flat = match name {
        "ann" | "bob" | "screen302" => "302",
        "desk" => "desk",
        _ => "301",
    };
    Target {
        endpoint: name.into(),
        resident: (person != "screen").then(|| ResidentId::from(person)),
        household: FlatId::from(flat),
    }
}

fn to_plan(text: &str) -> Plan {
    let (dialled, rest) = text.split_once(':').expect("a plan follows the number");
    let mut parts = rest.split(',').map(str::trim);
    let stages = parts.next().unwrap_or_default();
    let mut plan = Plan {
        dialled: dialled.to_owned(),
        stages: stages.split('|').map(to_stage).collect(),
        ring: Duration::from_secs(30),
        talk: Duration::from_secs(7200),
        preview: true,
        declines: None,
        unlock_ends: true,
        scene: Scene::default(),
    };
    for option in parts {
        match option.split_once(' ') {
            Some(("ring", time)) => plan.ring = to_duration(time),
            Some(("talk", time)) => plan.talk = to_duration(time),
            Some(("declines", scope)) => plan.declines = Some(to_scope(scope)),
            None if option == "blind" => plan.preview = false,
            None if option == "unmoved" => plan.unlock_ends = false,
            _ => panic!("no such option: {option}"),
        }
    }
    plan
}

fn to_stage(text: &str) -> Stage {
    let mut stage = Stage {
        targets: Vec::new(),
        ring: Duration::from_secs(30),
        keep: false,
    };
    for word in text.split_whitespace() {
        if word == "keep" {
            stage.keep = true;
        } else if word.starts_with(|c: char| c.is_ascii_digit()) {
            stage.ring = to_duration(word);
        } else {
            stage.targets.push(to_target(word));
        }
    }
    stage
}

fn to_duration(text: &str) -> Duration {
    let number = |unit| {
        text.strip_suffix(unit)
            .and_then(|n: &str| n.parse::<u64>().ok())
    };
    if let Some(ms) = number("ms") {
        return Duration::from_millis(ms);
    }
    Duration::from_secs(number("s").expect("a time ends in s or ms"))
}
