//! One connection to a peer that need not name calls: two queues in order, whatever is under way,
//! and a peer that says anything at any time.
//!
//! Each thing said without a name carries, unseen by the rule, the call that the peer meant: the
//! last one whose offer it has read, be it over or not. Time passes in ticks; a message may be under
//! way as long as its direction allows, and no longer. The rule under test is `Current`.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use engine::call::{Current, KNOWN_AFTER, Stray};
use engine::id::CallId;
use engine::time::Instant;
use stateright::{Checker, HasDiscoveries, Model, Property};

/// How finely time is cut.
pub(crate) const TICK: Duration = Duration::from_millis(60);

/// Calls that are offered one after another.
const CALLS: u8 = 3;

/// What the peer may have said and we have not heard; more say nothing new.
const UNHEARD_MAX: usize = 3;

/// The rule that says which call a message means.
pub(crate) type Referring = fn(&Current, Option<&str>, Instant) -> Result<CallId, Stray>;

/// How many ticks a message may be under way, from us to the peer and back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    pub(crate) out: u8,
    pub(crate) back: u8,
}

/// Something under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Posted<T> {
    what: T,
    age: u8,
}

/// What we say to the peer. An end needs no place here: a peer that has read it still means that
/// call, if it means any.
type Offer = u8;

/// What the peer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Said {
    /// It answers, or opens the door: the call goes on.
    Answer { meant: Option<u8>, is_named: bool },
    /// It declines or hangs up.
    Close { meant: Option<u8>, is_named: bool },
    /// It keeps the call alive that it knows.
    Keep(u8),
}

/// Everything at one moment, which is always 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wire {
    current: Current,
    /// Before now.
    offered_at: Instant,
    offers: u8,
    out: VecDeque<Posted<Offer>>,
    back: VecDeque<Posted<Said>>,
    /// The last call that the peer has read of.
    peer_knows: Option<u8>,
    /// A message counted for a call that it did not mean.
    is_broken: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Offer,
    End,
    PeerReads,
    PeerAnswers(bool),
    PeerCloses(bool),
    PeerKeeps,
    WeHear,
    Tick,
}

/// What came to pass, so that a search is seen not to be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It counted by its name.
    ByName,
    /// It counted without a name, as the peer had kept the call alive.
    AfterKeep,
    /// It counted without a name, as time had passed.
    AfterTime,
    Stray(Stray),
}

pub(crate) struct Line {
    delays: Delays,
    rule: Referring,
    seen: Mutex<Vec<Heard>>,
}

/// Searches every order and every delay to the end; how much that was, what was heard, and whether
/// a message counted for another call than was meant.
#[expect(clippy::print_stdout, reason = "how much was searched is the evidence")]
pub(crate) fn search(delays: Delays, rule: Referring) -> (Vec<Heard>, Option<String>) {
    let line = Line {
        delays,
        rule,
        seen: Mutex::default(),
    };
    let checker = line
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let seen = checker.model().seen.lock();
    let seen = seen.expect("no search panicked").clone();
    let broken = checker.discoveries().into_values().next();
    let states = checker.unique_state_count();
    println!("I14, {delays:?}: {states} states; {seen:?}");
    let broken = broken.map(|path| format!("{:?}", path.into_actions()));
    (seen, broken)
}

impl Model for Line {
    type State = Wire;
    type Action = Turn;

    fn init_states(&self) -> Vec<Wire> {
        vec![Wire {
            current: Current::default(),
            offered_at: old(),
            offers: 0,
            out: VecDeque::new(),
            back: VecDeque::new(),
            peer_knows: None,
            is_broken: false,
        }]
    }

    fn actions(&self, wire: &Wire, turns: &mut Vec<Turn>) {
        if wire.is_broken {
            return;
        }
        turns.extend([Turn::Offer, Turn::End, Turn::PeerReads, Turn::WeHear]);
        if wire.back.len() < UNHEARD_MAX {
            turns.extend([true, false].map(Turn::PeerAnswers));
            turns.extend([true, false].map(Turn::PeerCloses));
            turns.push(Turn::PeerKeeps);
        }
        turns.push(Turn::Tick);
    }

    fn next_state(&self, wire: &Wire, turn: Turn) -> Option<Wire> {
        let mut next = wire.clone();
        let meant = wire.peer_knows;
        match turn {
            Turn::Offer => next.offer()?,
            Turn::End => next.end()?,
            Turn::PeerReads => next.peer_knows = Some(next.out.pop_front()?.what),
            Turn::PeerAnswers(is_named) => next.say(Said::Answer { meant, is_named }),
            Turn::PeerCloses(is_named) => next.say(Said::Close { meant, is_named }),
            Turn::PeerKeeps => next.say(Said::Keep(meant?)),
            Turn::WeHear => self.hear(&mut next)?,
            Turn::Tick => self.tick(&mut next)?,
        }
        (next != *wire).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always(
            "I14 no message counts for another call than was meant",
            |_, wire: &Wire| !wire.is_broken,
        )]
    }
}

impl Line {
    fn hear(&self, wire: &mut Wire) -> Option<()> {
        let (meant, is_named, closes) = match wire.back.pop_front()?.what {
            Said::Answer { meant, is_named } => (meant, is_named, false),
            Said::Close { meant, is_named } => (meant, is_named, true),
            Said::Keep(call) => {
                wire.current.keep(Some(&name(call)));
                return Some(());
            }
        };
        let named = meant.filter(|_| is_named).map(name);
        match (self.rule)(&wire.current, named.as_deref(), now()) {
            Ok(call) => {
                self.count(match named {
                    Some(_) => Heard::ByName,
                    None if wire.is_kept() => Heard::AfterKeep,
                    None => Heard::AfterTime,
                });
                wire.is_broken = meant.map(id) != Some(call.clone());
                if closes {
                    wire.current.close(&call);
                }
            }
            Err(stray) => self.count(Heard::Stray(stray)),
        }
        Some(())
    }

    /// Time stands still until what is due has arrived, and where nothing would change.
    fn tick(&self, wire: &mut Wire) -> Option<()> {
        let Delays { out, back } = self.delays;
        let is_due = wire.out.iter().any(|posted| posted.age >= out)
            || wire.back.iter().any(|posted| posted.age >= back);
        if is_due {
            return None;
        }
        wire.out.iter_mut().for_each(|posted| posted.age += 1);
        wire.back.iter_mut().for_each(|posted| posted.age += 1);
        wire.grow_older();
        Some(())
    }

    fn count(&self, heard: Heard) {
        let mut seen = self.seen.lock().expect("no search panicked");
        if !seen.contains(&heard) {
            seen.push(heard);
        }
    }
}

impl Wire {
    fn offer(&mut self) -> Option<()> {
        let call = (self.current.call().is_none() && self.offers < CALLS).then_some(self.offers)?;
        self.offers += 1;
        self.offered_at = now();
        self.current.offer(id(call), name(call), now());
        self.out.push_back(Posted { what: call, age: 0 });
        Some(())
    }

    fn end(&mut self) -> Option<()> {
        let call = self.current.call()?.clone();
        self.current.close(&call);
        Some(())
    }

    fn say(&mut self, what: Said) {
        self.back.push_back(Posted { what, age: 0 });
    }

    /// Whether the call would count even at the moment of its offer.
    fn is_kept(&self) -> bool {
        self.current.refer(None, self.offered_at).is_ok()
    }

    /// Moves the offer one tick into the past. Sound because the rule only asks whether
    /// `KNOWN_AFTER` has passed since; an older offer is as old as that.
    fn grow_older(&mut self) {
        let is_kept = self.is_kept();
        let ms = |time: Duration| i64::try_from(time.as_millis()).expect("short");
        let earlier = Instant::from_ms(self.offered_at.ms() - ms(TICK));
        self.offered_at = earlier.max(old());
        if let (Some(call), Some(name)) = (self.current.call(), self.current.name()) {
            let mut current = Current::default();
            current.offer(call.clone(), name.to_owned(), self.offered_at);
            current.keep(Some(name).filter(|_| is_kept));
            self.current = current;
        }
    }
}

fn now() -> Instant {
    Instant::from_ms(0)
}

/// An offer of then is known now.
fn old() -> Instant {
    Instant::from_ms(-i64::try_from(KNOWN_AFTER.as_millis()).expect("short"))
}

fn id(call: u8) -> CallId {
    CallId::from(format!("call {call}"))
}

fn name(call: u8) -> String {
    format!("name {call}")
}
