//! The steps of a play: four clients of both kinds over a journal, their owner, the clock, crashes.
//! Clients are read only while the broker wants to read, as its driver sees to.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use testkit::fuzz::Feed;

use super::audit::{audit, is_empty};
use super::crash::House;
use super::promises::{Tickets, Wills};
use super::reader::{Bounds, FILTERS, Promise, Reader};
use super::stage::{entry, note, will};
use crate::core::{Arrival, Entry, Fate, Intake, Owed, Publication, Subscription, Wanted};
use crate::limits::Limits;
use crate::link::{DisconnectReason, Kick, LinkId, Version};
use crate::message::{Audience, Message};
use crate::wire::{Answer, RetainHandling};

const NAMES: [&str; 4] = ["ann.1", "ann.2", "bob.1", "eve.1"];
const TOPICS: [&str; 3] = ["a", "a/x", "b"];
const STEPS: usize = 24;
/// Longer than all that a play can let pass.
const FOREVER_SECS: u64 = 10_000_000;
/// The largest PUBLISH of a play is larger, the smallest is not.
const NARROW_BYTES: u32 = 14;

pub(super) struct Theatre {
    house: House,
    clients: [Option<Reader>; NAMES.len()],
    tickets: Tickets,
    wills: Wills,
    /// Messages of the owner since the last crash.
    own: usize,
    /// Kinds of what clients read.
    pub(super) seen: BTreeSet<String>,
}

fn limits() -> Limits {
    Limits {
        inflight_max: 3,
        queue_messages_max: 6,
        queue_bytes_max: 30,
        tickets_max: 4,
        ticket_bytes_max: 40,
        retained_max: 2,
        sessions_per_subject_max: 1,
        topic_aliases_max: 2,
        queue_life: Duration::from_secs(100),
        ..Limits::default()
    }
}

impl Theatre {
    pub(super) fn new() -> Theatre {
        Theatre {
            house: House::with(limits()),
            clients: Default::default(),
            tickets: Tickets::default(),
            wills: Wills::default(),
            own: 0,
            seen: BTreeSet::new(),
        }
    }

    /// One step, after which the books are right.
    pub(super) fn step(mut self, feed: &mut Feed<'_>) -> Theatre {
        let kind = feed.below(STEPS);
        let who = feed.below(NAMES.len());
        let here = self.here(who);
        match kind {
            0 | 1 => self.connect(who, feed),
            2 => self.part(who, feed),
            3 | 4 => self.subscribe(here, feed),
            5..=8 => self.publish(here, feed),
            9 => self.publish_own(feed),
            10..=12 => self.read(here),
            13 | 14 => self.answer(here, feed.below(4)),
            15 => self.answer_wrongly(here, feed),
            16 | 17 => self.house.write(),
            18 => self.house.stage.pass(feed.byte().into()),
            19..=22 => self.settle(feed),
            _ => self = self.crash(feed.below(2) == 0),
        }
        self.let_go();
        audit(&self.house.stage.core);
        self
    }

    fn connect(&mut self, who: usize, feed: &mut Feed<'_>) {
        let mut entry = entry(NAMES[who], feed.choose(&[0, 60, 3600]));
        let delay_secs = feed.choose(&[0, 30]);
        let mut will = (feed.below(3) == 0).then(|| will("a", delay_secs));
        let how = feed.byte();
        if how & 1 == 1 {
            speak_five(&mut entry, how);
        }
        if how & 0xC0 == 0xC0 {
            // One of its filters is not its any more.
            let filters = self.house.stage.core.filters_of(&entry.link);
            entry.denied = filters.into_iter().take(1).collect();
        }
        let bounds = bounds(&entry);
        let link = self.house.stage.next_link();
        if let Some(will) = &mut will {
            self.wills.leave(link, will);
        }
        entry.will = will;
        let (whose, denied) = (entry.link.clone(), entry.denied.clone());
        assert_eq!(self.house.stage.enter(entry), link);
        let filters = self.house.stage.core.filters_of(&whose);
        assert!(!denied.iter().any(|one| filters.contains(one)));
        self.let_go();
        self.wills.take_back(who);
        self.clients[who] = Some(Reader::new(link, NAMES[who], bounds));
    }

    fn part(&mut self, who: usize, feed: &mut Feed<'_>) {
        let (how, life_secs) = (feed.below(8), feed.choose(&[None, Some(0), Some(60)]));
        let Some(link) = self.link(who) else { return };
        let stage = &mut self.house.stage;
        let (now, fx) = (stage.now, &mut stage.fx);
        let reason = match how {
            0 => return stage.core.kick(&Kick::Link(link), now, fx),
            1 => return stage.core.forget_subject("ann", now, fx),
            2 | 3 => DisconnectReason::Client,
            4 => DisconnectReason::ClientWithWill,
            _ => return stage.drop_link(link),
        };
        stage.core.leave(link, reason, life_secs, now, fx);
    }

    /// Wills that fell due are published. Links that have ended are read to their end and
    /// forgotten, as their tasks would see to.
    fn let_go(&mut self) {
        for at in 0..self.clients.len() {
            let Some(link) = self.link(at) else { continue };
            if self.house.stage.core.session_of(link).is_some() {
                continue;
            }
            self.read(at);
            let core = &mut self.house.stage.core;
            if let Some(reason) = core.links.get(&link).and_then(|one| one.closing) {
                self.wills.end(link, at, reason);
            }
            core.forget(link);
            self.clients[at] = None;
        }
        for (_, will) in std::mem::take(&mut self.house.stage.fx.wills) {
            self.wills.publish(&will);
            let (qos, retain) = (will.qos, will.retain);
            let message = Publication::received(
                (&*will.topic).into(),
                will.payload,
                qos,
                retain,
                will.properties,
                None,
            );
            let stage = &mut self.house.stage;
            stage.core.route(message, None, stage.now, &mut stage.fx);
        }
        self.wills.check(false);
    }

    fn subscribe(&mut self, who: usize, feed: &mut Feed<'_>) {
        let (at, how) = (feed.below(FILTERS.len()), feed.byte());
        let Some(link) = self.find_read(who) else {
            return;
        };
        let (stage, filter) = (&mut self.house.stage, FILTERS[at]);
        let (now, fx) = (stage.now, &mut stage.fx);
        if how % 4 == 3 {
            stage.core.unsubscribe(link, 3, &[filter.into()], now, fx);
        } else {
            let is_shared = filter.starts_with('$');
            let identifier = u32::try_from(at + 1).ok();
            let wanted = Wanted {
                filter: filter.into(),
                subscription: Subscription {
                    qos: how % 4,
                    no_local: how & 4 != 0 && !is_shared,
                    as_published: how & 8 != 0,
                    identifier: identifier.filter(|_| how & 48 != 0),
                },
                retain: [
                    RetainHandling::Always,
                    RetainHandling::IfNew,
                    RetainHandling::Never,
                ][usize::from(how >> 6) % 3],
                refused: None,
            };
            stage.core.subscribe(link, 9, &[wanted], now, fx);
        }
        stage.core.take_granted(link);
    }

    fn publish(&mut self, who: usize, feed: &mut Feed<'_>) {
        let (topic, how) = (feed.choose(&TOPICS), feed.byte());
        let (packet, verdict) = (feed.byte(), feed.byte());
        for more in 0..=packet % 3 {
            let packet = 1 + (packet / 3 + more) % 6;
            self.publish_one(who, topic, packet.into(), (how, verdict));
        }
    }

    fn publish_one(&mut self, who: usize, topic: &str, packet: u16, (how, verdict): (u8, u8)) {
        let Some(link) = self.find_read(who) else {
            return;
        };
        let owed = match how % 3 {
            0 => None,
            1 => Some(Answer::Ack),
            _ => Some(Answer::Rec),
        };
        let owed = owed.map(|answer| Owed { answer, packet });
        let ticket = if self.is_new(link, owed) {
            self.decide(link, owed, topic, (how, verdict))
        } else {
            None
        };
        if let Some(reader) = &mut self.clients[who] {
            reader.promise(Promise { owed, ticket });
        }
        if let Some(number) = ticket.filter(|_| verdict & 4 != 0) {
            self.tell(number, Some(true));
        }
    }

    /// Whether the hooks are asked.
    fn is_new(&mut self, link: LinkId, owed: Option<Owed>) -> bool {
        let stage = &mut self.house.stage;
        let is_five = stage.core.links[&link].link.version == Version::V5;
        let is_watched = |owed: &Owed| is_five || owed.answer == Answer::Rec;
        owed.filter(is_watched).is_none_or(|owed| {
            let intake = stage.core.intake(link, owed, stage.now, &mut stage.fx);
            intake == Intake::New
        })
    }

    /// What becomes of it; the number of its ticket if it has one.
    fn decide(
        &mut self,
        link: LinkId,
        owed: Option<Owed>,
        topic: &str,
        (how, verdict): (u8, u8),
    ) -> Option<usize> {
        let stage = &mut self.house.stage;
        let payload = Bytes::from_static([&b""[..], b"x", b"some text"][usize::from(how >> 4) % 3]);
        let bytes = topic.len() + payload.len();
        let mut ticket = None;
        let fate = match verdict % 3 {
            0 => {
                let (number, slot) = self.tickets.hand(link);
                ticket = Some(number);
                if verdict & 8 != 0 {
                    // Before anybody waits.
                    self.tickets.settle(number, Some(verdict & 16 == 0));
                }
                Fate::Ticket { slot, bytes }
            }
            1 if how & 8 != 0 => Fate::Drop {
                code: if verdict & 8 == 0 { 0 } else { 0x87 },
            },
            _ => Fate::Forward(Publication::received(
                topic.into(),
                payload,
                how % 3,
                how & 4 != 0,
                Bytes::new(),
                (how & 8 != 0).then(|| stage.now + Duration::from_secs(20)),
            )),
        };
        let arrival = Arrival { owed, bytes, fate };
        stage.core.publish(link, arrival, stage.now, &mut stage.fx);
        ticket
    }

    /// The owner says what became of an open ticket, or forgets it.
    fn settle(&mut self, feed: &mut Feed<'_>) {
        let (which, stored) = (feed.byte(), feed.below(8));
        let open = self.tickets.open();
        if open.is_empty() {
            return;
        }
        let number = open[usize::from(which) % open.len()];
        let stored = match stored {
            0 => Some(false),
            1 => None,
            _ => Some(true),
        };
        self.tell(number, stored);
    }

    fn tell(&mut self, number: usize, stored: Option<bool>) {
        if let Some(link) = self.tickets.settle(number, stored) {
            let stage = &mut self.house.stage;
            stage.core.settle(link, stage.now, &mut stage.fx);
        }
    }

    fn publish_own(&mut self, feed: &mut Feed<'_>) {
        let (topic, how) = (feed.choose(&TOPICS), feed.byte());
        self.own += 1;
        let (payload, audience) = self.address(how);
        self.house.stage.publish(&Message {
            audience,
            qos: how % 3,
            retain: how & 4 != 0,
            transient: how & 8 != 0,
            expires: (how & 16 != 0).then(|| self.house.stage.now + Duration::from_secs(10)),
            ..note(topic, &payload)
        });
    }

    /// For whom a message of the owner is, and a payload that says so.
    fn address(&self, how: u8) -> (String, Audience) {
        let at = usize::from(how >> 6) % NAMES.len();
        let here = self.link(at).filter(|_| how & 32 != 0);
        match here {
            Some(link) => (NAMES[at].to_owned(), Audience::Links([link].into())),
            None if how & 0xC0 == 0 => {
                ("ann".to_owned(), Audience::Subjects(["ann".into()].into()))
            }
            None => ("own".to_owned(), Audience::Everyone),
        }
    }

    fn read(&mut self, who: usize) {
        let Some(reader) = &mut self.clients[who] else {
            return;
        };
        let stage = &mut self.house.stage;
        for (packet, bytes) in stage.packets(reader.link) {
            let kind = reader.take(packet, bytes, &self.tickets);
            self.seen.insert(kind);
        }
        let (now, fx) = (stage.now, &mut stage.fx);
        stage.core.expire(reader.link, now, fx);
    }

    /// As a client should, in the order of what it read.
    fn answer(&mut self, who: usize, count: usize) {
        for _ in 0..=count {
            if self.find_read(who).is_none() {
                return;
            }
            let next = (self.clients[who].as_mut()).and_then(|one| one.unanswered.pop_front());
            let Some((answer, packet)) = next else { return };
            self.say(who, answer, packet, true);
        }
    }

    /// It has read all before, so that both sides know what is open.
    fn answer_wrongly(&mut self, who: usize, feed: &mut Feed<'_>) {
        let (how, packet) = (feed.below(6), u16::from(1 + feed.byte() % 8));
        self.read(who);
        if self.find_read(who).is_none() {
            return;
        }
        let answers = [Answer::Ack, Answer::Rec, Answer::Rel, Answer::Comp];
        self.say(who, answers[how % 4], packet, how < 4);
    }

    fn say(&mut self, who: usize, answer: Answer, packet: u16, is_taken: bool) {
        let Some(reader) = &mut self.clients[who] else {
            return;
        };
        reader.answer(answer, packet, is_taken);
        let (link, stage) = (reader.link, &mut self.house.stage);
        let (now, fx) = (stage.now, &mut stage.fx);
        match answer {
            Answer::Ack => stage.core.acknowledge(link, packet, is_taken, now, fx),
            Answer::Rec => stage.core.receive(link, packet, is_taken, now, fx),
            Answer::Rel => stage.core.release(link, packet, now, fx),
            Answer::Comp => stage.core.complete(link, packet, now, fx),
        }
    }

    /// The process ends, perhaps because its disk failed.
    fn crash(mut self, with_disk: bool) -> Theatre {
        if with_disk {
            self.house.lose();
        }
        Theatre {
            house: self.house.crash(),
            seen: self.seen,
            ..Theatre::new()
        }
    }

    /// What is settled and on disk is told. Then all go, time passes, what is retained is cleared:
    /// nothing is left, and everybody has heard what became of their messages.
    pub(super) fn end(mut self) -> BTreeSet<String> {
        self.house.write();
        for who in 0..NAMES.len() {
            self.read(who);
            if let Some(reader) = &mut self.clients[who] {
                let is_there = self.house.stage.core.session_of(reader.link).is_some();
                if is_there {
                    reader.check(&self.tickets);
                }
                self.house.stage.drop_link(reader.link);
            }
        }
        self.let_go();
        self.house.stage.pass(FOREVER_SECS);
        self.let_go();
        self.wills.check(true);
        for topic in TOPICS {
            self.house.stage.publish(&Message {
                retain: true,
                ..note(topic, "")
            });
        }
        self.house.write();
        audit(&self.house.stage.core);
        is_empty(&self.house.stage.core);
        let told = self.house.stage.outcomes().len();
        assert!(
            told >= self.own + TOPICS.len(),
            "{told} outcomes of {}",
            self.own
        );
        let disk = &self.house.disk;
        assert!(disk.sessions.is_empty() && disk.retained.is_empty());
        let messages = &disk.messages;
        assert!(messages.is_empty(), "kept for nobody: {messages:?}");
        self.seen
    }

    /// That client, or the next one that is there.
    fn here(&self, who: usize) -> usize {
        let mut others = (who..who + NAMES.len()).map(|at| at % NAMES.len());
        others.find(|at| self.link(*at).is_some()).unwrap_or(who)
    }

    fn link(&self, who: usize) -> Option<LinkId> {
        self.clients[who].as_ref().map(|reader| reader.link)
    }

    /// The link of a client that the broker reads now.
    fn find_read(&mut self, who: usize) -> Option<LinkId> {
        let link = self.link(who)?;
        let turn = self.house.stage.turn(link);
        (turn.reading && turn.closing.is_none()).then_some(link)
    }
}

fn speak_five(entry: &mut Entry, how: u8) {
    entry.link.version = Version::V5;
    entry.link.clean = how & 2 != 0;
    entry.window = [1, 2, u16::MAX][usize::from(how >> 2) % 3];
    entry.aliases_max = [0, 1, 10][usize::from(how >> 3) % 3];
    if how & 32 != 0 {
        entry.packet_bytes_max = NARROW_BYTES;
    }
}

fn bounds(entry: &Entry) -> Bounds {
    let limits = limits();
    Bounds {
        window: entry.window.min(limits.inflight_max).into(),
        packet_bytes_max: entry.packet_bytes_max as usize,
        aliases_max: entry.aliases_max.min(limits.topic_aliases_max),
    }
}
