//! Telling a household's phones of its alarms.
//!
//! On a phone's own `calls/control` if it listens there, else on the fixed system topic, to that
//! phone's connection alone. Through a broker that is not ours only on the own topic: what everyone
//! hears must name nobody. As with calls nothing is queued: what was said is remembered, and pulled
//! again from the committed state.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::alarms::Alarms;
use app::principal::{EndpointKind, Principal, endpoint_kind};
use bus::{Audience, Bus, Link, LinkId, Message, OnOutcome, Outcome};
use bytes::Bytes;
use engine::alarm::{Alarm, Level, Notice, owed};
use engine::call::Version;
use engine::id::{AlarmId, EndpointId, ResidentId};
use engine::time::Instant;

use crate::outbound::outgoing::NOTICE_LIFE;
use crate::outbound::voice::Reach;
use crate::topics;
use crate::wire::{AlarmNews, PushAlarm, System, encode};
use crate::words::alarm_text;

/// The least number of things said that are remembered before those of alarms that are over are
/// forgotten.
const SAID_MAX: usize = 1024;

/// How long a broker that is not ours may keep what is said for a phone that is away, which nobody
/// sees come back. What follows is kept as long, so an alarm that is over does not stay news.
const ABSENT_LIFE: Duration = Duration::from_secs(3600);

pub(crate) struct AlarmVoice {
    reach: Reach,
    alarms: Alarms,
    bus: Arc<dyn Bus>,
    links: Mutex<HashMap<EndpointId, Vec<Ear>>>,
    /// Held while deciding what to say and saying it, so that notices leave in order.
    turn: Mutex<()>,
    memory: Arc<Memory>,
}

/// One who hears: a link, or all phones of a resident.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Whose {
    Link(LinkId),
    Resident(ResidentId),
}

/// A link of a phone, and the topics of alarms on which it listens.
#[derive(Clone)]
struct Ear {
    link: LinkId,
    resident: ResidentId,
    topics: BTreeSet<Arc<str>>,
}

#[derive(Default)]
struct Memory {
    said: Mutex<HashMap<(AlarmId, Whose), Version>>,
    /// Something did not arrive; to be said again by the next sweep.
    lost: AtomicBool,
}

impl Memory {
    fn said(&self) -> MutexGuard<'_, HashMap<(AlarmId, Whose), Version>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AlarmVoice {
    pub(crate) fn new(reach: Reach, alarms: Alarms, bus: Arc<dyn Bus>) -> Self {
        Self {
            reach,
            alarms,
            bus,
            links: Mutex::default(),
            turn: Mutex::default(),
            memory: Arc::default(),
        }
    }

    /// The link listens to these topics as well.
    pub(crate) fn listen(&self, link: &Link<Principal>, filters: &[Arc<str>]) {
        let Principal::Resident(one) = &link.principal else {
            return;
        };
        let is_ours = |filter: &&Arc<str>| {
            ***filter == *topics::SYSTEM || ***filter == *topics::user_control(&one.resident)
        };
        let ours: Vec<Arc<str>> = filters.iter().filter(is_ours).cloned().collect();
        if ours.is_empty() {
            return;
        }
        let mut links = self.links();
        let ears = links.entry(one.actor().endpoint).or_default();
        match ears.iter_mut().find(|ear| ear.link == link.id) {
            Some(ear) => ear.topics.extend(ours),
            None => ears.push(Ear {
                link: link.id,
                resident: one.resident.clone(),
                topics: ours.into_iter().collect(),
            }),
        }
    }

    pub(crate) fn ignore(&self, link: &Link<Principal>, filters: &[Arc<str>]) {
        let Principal::Resident(one) = &link.principal else {
            return;
        };
        let mut links = self.links();
        let ears = links.get_mut(&one.actor().endpoint);
        let ear = ears.and_then(|ears| ears.iter_mut().find(|ear| ear.link == link.id));
        if let Some(ear) = ear {
            ear.topics.retain(|topic| !filters.contains(topic));
        }
    }

    pub(crate) fn close(&self, link: &Link<Principal>) {
        let Principal::Resident(one) = &link.principal else {
            return;
        };
        let heard_by = |whose: &Whose| *whose == Whose::Link(link.id);
        self.memory.said().retain(|(_, whose), _| !heard_by(whose));
        let endpoint = one.actor().endpoint;
        let mut links = self.links();
        if let Some(ears) = links.get_mut(&endpoint) {
            ears.retain(|ear| ear.link != link.id);
            if ears.is_empty() {
                links.remove(&endpoint);
            }
        }
    }

    /// Says what an endpoint of the household must hear of the alarm.
    pub(crate) fn tell(&self, endpoint: &EndpointId, alarm: &Arc<Alarm>) {
        if self.reach == Reach::Links {
            let ears = self.links().get(endpoint).cloned().unwrap_or_default();
            ears.iter()
                .for_each(|ear| self.speak(&Whose::Link(ear.link), Some(ear), alarm));
        } else if let Some(EndpointKind::Resident(resident)) = endpoint_kind(endpoint) {
            self.speak(&Whose::Resident(resident), None, alarm);
        }
    }

    /// Whether something did not arrive since this was asked last.
    pub(crate) fn take_lost(&self) -> bool {
        self.memory.lost.swap(false, Ordering::Relaxed)
    }

    /// Something could not be said; the next sweep tries again.
    pub(crate) fn note_lost(&self) {
        self.memory.lost.store(true, Ordering::Relaxed);
    }

    /// Nothing counts as said any more.
    pub(crate) fn forget(&self) {
        self.memory.said().clear();
    }

    fn links(&self) -> MutexGuard<'_, HashMap<EndpointId, Vec<Ear>>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn speak(&self, whose: &Whose, ear: Option<&Ear>, alarm: &Arc<Alarm>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let alarm = self.alarms.newest(alarm);
        let key = (alarm.id.clone(), whose.clone());
        let said = self.memory.said().get(&key).copied();
        let now = self.alarms.now();
        let due = owed(&alarm, Level::Household, said.unwrap_or(Version::NONE), now);
        let Some((notice, version)) = due else { return };
        let Some((topic, payload)) = to_message(whose, ear, &alarm, notice, now) else {
            return;
        };
        self.remember(&key, version);
        let message = Message {
            topic: Arc::from(topic),
            payload: Bytes::from(payload),
            qos: 1,
            life: match whose {
                Whose::Link(_) => NOTICE_LIFE,
                Whose::Resident(_) => ABSENT_LIFE,
            },
            offline: false,
            audience: match whose {
                Whose::Link(link) => Audience::Links(vec![*link]),
                Whose::Resident(_) => Audience::Everyone,
            },
        };
        let outcome = forget_if_lost(&self.memory, key, version);
        self.bus.publish(message, Some(outcome));
    }

    fn remember(&self, key: &(AlarmId, Whose), version: Version) {
        let mut said = self.memory.said();
        if said.len() >= SAID_MAX && !said.contains_key(key) {
            let current = self.alarms.current();
            let current: HashSet<&AlarmId> = current.iter().map(|alarm| &alarm.id).collect();
            said.retain(|(alarm, _), _| current.contains(alarm));
        }
        said.insert(key.clone(), version);
    }
}

/// Where and what; none if the ear listens to no topic of alarms.
fn to_message(
    whose: &Whose,
    ear: Option<&Ear>,
    alarm: &Alarm,
    notice: Notice,
    now: Instant,
) -> Option<(String, Vec<u8>)> {
    let own = match (whose, ear) {
        (Whose::Resident(resident), _) => Some(topics::user_control(resident)),
        (Whose::Link(_), Some(ear)) => {
            let topic = topics::user_control(&ear.resident);
            ear.topics.contains(topic.as_str()).then_some(topic)
        }
        (Whose::Link(_), None) => None,
    };
    if let Some(topic) = own {
        let push = PushAlarm {
            action: "alarm",
            timestamp: now.ms(),
            alarm: to_news(alarm, notice),
        };
        return Some((topic, encode(&push)));
    }
    ear.filter(|ear| ear.topics.contains(topics::SYSTEM))?;
    let level = match notice {
        Notice::Raised => "error",
        Notice::Acknowledged => "warning",
        Notice::Over => "info",
    };
    let news = to_news(alarm, notice);
    let place = format!("{} {}", news.household_number, news.zone_name);
    let system = System {
        kind: "alarm".into(),
        level: level.into(),
        message: alarm_text(notice, &place, news.going.as_deref()),
        data: serde_json::to_value(&news).unwrap_or_default(),
        timestamp: now.ms(),
    };
    Some((topics::SYSTEM.to_owned(), encode(&system)))
}

/// An alarm in the words of this dialect.
pub(crate) fn to_news(alarm: &Alarm, notice: Notice) -> AlarmNews {
    AlarmNews {
        alarm_id: alarm.id.to_string(),
        state: notice.name(),
        household_number: alarm.place.number.clone(),
        zone: alarm.zone.number(),
        zone_name: alarm.zone_name.clone(),
        count: alarm.count,
        raised_at: alarm.raised.ms(),
        going: alarm.ack().map(|ack| ack.going.clone()),
    }
}

fn forget_if_lost(memory: &Arc<Memory>, key: (AlarmId, Whose), version: Version) -> OnOutcome {
    let memory = Arc::clone(memory);
    Arc::new(move |outcome| {
        let mut said = memory.said();
        if outcome == Outcome::Lost && said.get(&key) == Some(&version) {
            said.remove(&key);
            memory.lost.store(true, Ordering::Relaxed);
        }
    })
}
