//! Random schedules of a few clients: order, single delivery and nothing left behind.
//! proptest shrinks a failing schedule to the steps that matter.

use proptest::prelude::*;

use super::stage::{Stage, entry, note};
use crate::limits::Limits;
use crate::link::LinkId;
use crate::message::Message;

const NAMES: [&str; 3] = ["ann.1", "ann.2", "bob.1"];

#[derive(Clone, Debug)]
enum Act {
    Connect {
        who: usize,
        life_secs: u32,
    },
    Drop {
        who: usize,
    },
    Subscribe {
        who: usize,
        filter: &'static str,
        qos: u8,
    },
    Publish {
        topic: &'static str,
        qos: u8,
        transient: bool,
    },
    /// Reads everything and acknowledges this many of what is in flight.
    Read {
        who: usize,
        acks: usize,
    },
    Pass {
        secs: u64,
    },
}

/// With subscriptions to these filters.
fn act(filters: &[&'static str]) -> impl Strategy<Value = Act> {
    let who = 0..NAMES.len();
    prop_oneof![
        (who.clone(), prop::sample::select(vec![0, 60]))
            .prop_map(|(who, life_secs)| Act::Connect { who, life_secs }),
        who.clone().prop_map(|who| Act::Drop { who }),
        (who.clone(), prop::sample::select(filters.to_vec()), 0..3_u8)
            .prop_map(|(who, filter, qos)| Act::Subscribe { who, filter, qos }),
        (
            prop::sample::select(vec!["a", "a/x", "b"]),
            0..3_u8,
            any::<bool>()
        )
            .prop_map(|(topic, qos, transient)| Act::Publish {
                topic,
                qos,
                transient
            }),
        (who, 0..4_usize).prop_map(|(who, acks)| Act::Read { who, acks }),
        (0..50_u64).prop_map(|secs| Act::Pass { secs }),
    ]
}

#[derive(Default)]
struct Reader {
    link: Option<LinkId>,
    /// Packet ids; true at QoS 2.
    unacknowledged: Vec<(u16, bool)>,
    /// Highest message number seen without a repeat flag.
    newest: u32,
    is_ordered: bool,
}

impl Reader {
    fn take(&mut self, lines: &[String]) -> Result<(), TestCaseError> {
        for line in lines.iter().filter(|line| line.contains('=')) {
            let (head, packet) = line.split_once(" #").unwrap_or((line, ""));
            let number = head
                .rsplit('=')
                .next()
                .and_then(|number| number.parse().ok());
            let number = number.expect("payloads are numbers");
            if !head.starts_with("dup ") && self.is_ordered {
                prop_assert!(number > self.newest, "{} after {}", number, self.newest);
                self.newest = number;
            }
            if let Ok(id) = packet.trim_start_matches('#').parse() {
                let is_new = self.unacknowledged.iter().all(|(known, _)| *known != id);
                prop_assert!(is_new, "id {} twice", id);
                self.unacknowledged.push((id, packet.starts_with('#')));
            }
        }
        prop_assert!(self.unacknowledged.len() <= 2, "the window is two");
        Ok(())
    }
}

fn play(stage: &mut Stage, acts: &[Act]) -> Result<(), TestCaseError> {
    let mut readers: [Reader; 3] = Default::default();
    // Transient QoS 0 overtakes on purpose; what a group passes on comes late.
    let is_plain = |act: &Act| {
        matches!(
            act,
            Act::Publish {
                qos: 0,
                transient: true,
                ..
            }
        )
    };
    let is_shared =
        |act: &Act| matches!(act, Act::Subscribe { filter, .. } if filter.starts_with('$'));
    let is_ordered = !acts.iter().any(|act| is_plain(act) || is_shared(act));
    for (number, act) in (1_u32..).zip(acts) {
        match act {
            Act::Connect { who, life_secs } => {
                let link = stage.enter(entry(NAMES[*who], *life_secs));
                readers[*who] = Reader {
                    link: Some(link),
                    is_ordered,
                    ..Reader::default()
                };
            }
            Act::Drop { who } => {
                if let Some(link) = readers[*who].link.take() {
                    stage.drop_link(link);
                    stage.core.forget(link);
                }
            }
            Act::Subscribe { who, filter, qos } => {
                if let Some(link) = readers[*who].link {
                    stage.subscribe(link, filter, *qos);
                }
            }
            Act::Publish {
                topic,
                qos,
                transient,
            } => stage.publish(&Message {
                qos: *qos,
                transient: *transient,
                ..note(topic, &number.to_string())
            }),
            Act::Read { who, acks } => {
                let reader = &mut readers[*who];
                if let Some(link) = reader.link {
                    reader.take(&stage.read(link))?;
                    for (packet, is_exact) in reader
                        .unacknowledged
                        .drain(..(*acks).min(reader.unacknowledged.len()))
                    {
                        if is_exact {
                            stage.receive(link, packet);
                            stage.complete(link, packet);
                        } else {
                            stage.acknowledge(link, packet);
                        }
                    }
                }
            }
            Act::Pass { secs } => stage.pass(*secs),
        }
    }
    for link in readers.iter().filter_map(|reader| reader.link) {
        stage.drop_link(link);
    }
    Ok(())
}

proptest! {
    #[test]
    fn order_holds_and_nothing_is_left_behind(
        acts in prop::collection::vec(act(&["a", "a/#", "+", "b"]), 0..60),
    ) {
        check(&acts)?;
    }

    #[test]
    fn groups_leave_nothing_behind(
        acts in prop::collection::vec(act(&["a", "$share/g/a", "$share/g/#", "$share/h/+"]), 0..60),
    ) {
        check(&acts)?;
    }
}

fn check(acts: &[Act]) -> Result<(), TestCaseError> {
    let limits = Limits {
        inflight_max: 2,
        queue_messages_max: 5,
        ..Limits::default()
    };
    let mut stage = Stage::with(limits);

    play(&mut stage, acts)?;
    stage.pass(61);

    let counts = stage.core.counts();
    prop_assert_eq!(counts.sessions, 0);
    prop_assert_eq!(counts.connections, 0);
    prop_assert_eq!(counts.subscriptions, 0);
    prop_assert_eq!(counts.queued_bytes, 0);
    prop_assert!(!stage.core.has_timers());
    let published = acts
        .iter()
        .filter(|act| matches!(act, Act::Publish { .. }))
        .count();
    prop_assert!(
        stage.outcomes().len() >= published,
        "each message has an outcome"
    );
    Ok(())
}
