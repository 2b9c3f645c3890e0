//! A party's ear: connects again after every kill and holds the server to what it said.
//!
//! Whoever heard of a call and not of its end must hear of it again on the next connection, and
//! never anything older than what had been acknowledged before that connection's server started.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sim::{
    ControlMessage, Door, DoorLogin, Phone, PhoneLogin, PhoneMessage, ServerAddress, SimError,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::ledger::Ledger;

const PAUSE: Duration = Duration::from_millis(10);

/// How often an idle ear looks whether it is time to go.
const GLANCE: Duration = Duration::from_millis(100);

/// What a party waits to hear of, shared with its hand and the judge.
pub(super) struct Hearing {
    pub(super) name: String,
    /// Calls of which the end has not been heard.
    open: Mutex<BTreeSet<String>>,
    /// The last life in which everything open at its beginning was heard of.
    caught_up: AtomicU64,
    /// How often a call was heard of again after a kill.
    retold: AtomicU64,
}

impl Hearing {
    pub(super) fn new(name: &str) -> Arc<Self> {
        Arc::new(Self {
            name: name.to_owned(),
            open: Mutex::default(),
            caught_up: AtomicU64::new(0),
            retold: AtomicU64::new(0),
        })
    }

    /// From now on the end of this call must be heard.
    pub(super) fn expect_end(&self, call: &str) {
        self.open.lock().unwrap().insert(call.to_owned());
    }

    fn over(&self, call: &str) {
        self.open.lock().unwrap().remove(call);
    }

    pub(super) fn open(&self) -> BTreeSet<String> {
        self.open.lock().unwrap().clone()
    }

    pub(super) fn caught_up(&self) -> u64 {
        self.caught_up.load(Ordering::SeqCst)
    }

    pub(super) fn retold(&self) -> u64 {
        self.retold.load(Ordering::SeqCst)
    }
}

/// Whose ear it is.
pub(super) enum Owner {
    Door(DoorLogin),
    /// Offers are handed on to the phone's hand.
    Phone(PhoneLogin, mpsc::Sender<String>),
}

pub(super) struct Ear {
    pub(super) owner: Owner,
    pub(super) address: ServerAddress,
    pub(super) hearing: Arc<Hearing>,
    pub(super) ledger: Arc<Ledger>,
}

enum Line {
    Door(Door),
    Phone(Phone),
}

enum Heard {
    Offer(String),
    Said(ControlMessage),
}

impl Ear {
    /// Listens through every kill until stopped.
    pub(super) async fn listen(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let life = self.ledger.life();
            let connected = self.connect().await;
            match connected {
                Ok(line) if life == self.ledger.life() => self.attend(line, life, &stop).await,
                Ok(_) | Err(SimError::Disconnected { .. }) => tokio::time::sleep(PAUSE).await,
                Err(other) => panic!("{}: {other}", self.hearing.name),
            }
        }
    }

    async fn connect(&self) -> Result<Line, SimError> {
        match &self.owner {
            Owner::Door(login) => Door::connect(&self.address, login).await.map(Line::Door),
            Owner::Phone(login, _) => {
                let client = format!("phone-{}", self.hearing.name);
                let phone = Phone::connect(&self.address, login, &client).await;
                phone.map(Line::Phone)
            }
        }
    }

    /// Hears one connection to its end.
    async fn attend(&self, mut line: Line, life: u64, stop: &CancellationToken) {
        let mut owed = self.hearing.open();
        while !stop.is_cancelled() {
            if owed.is_empty() {
                self.hearing.caught_up.fetch_max(life, Ordering::SeqCst);
            }
            let heard = match line.next().await {
                Ok(heard) => heard,
                Err(SimError::Quiet(_)) => continue,
                Err(SimError::Disconnected { .. }) => return,
                Err(other) => panic!("{}: {other}", self.hearing.name),
            };
            let call = match &heard {
                Heard::Offer(call) => call,
                Heard::Said(control) => &control.call_id,
            };
            let retold = u64::from(owed.remove(call));
            self.hearing.retold.fetch_add(retold, Ordering::SeqCst);
            self.take_in(heard, life);
        }
    }

    fn take_in(&self, heard: Heard, life: u64) {
        let name = &self.hearing.name;
        match (heard, &self.owner) {
            (Heard::Offer(call), Owner::Phone(_, offers)) => {
                let known = self.ledger.before(life, &call);
                let is_news = known.winner.is_none() && known.ended.is_none();
                assert!(is_news, "{name} is offered call {call} after {known:?}");
                self.hearing.expect_end(&call);
                offers.try_send(call).expect("the hand keeps up");
            }
            (Heard::Said(said), Owner::Phone(login, _)) => self.phone_hears(&said, login, life),
            (Heard::Said(said), Owner::Door(_)) => self.door_hears(&said, life),
            (Heard::Offer(call), Owner::Door(_)) => panic!("{name} is offered call {call}"),
        }
    }

    fn door_hears(&self, said: &ControlMessage, life: u64) {
        let known = self.ledger.before(life, &said.call_id);
        let is_stale = match said.action.as_str() {
            "hangup" => false,
            "answered" => known.ended.is_some(),
            "ringing" => known.ended.is_some() || known.winner.is_some(),
            other => panic!("{} hears {other}", self.hearing.name),
        };
        assert!(
            !is_stale,
            "{} hears {said:?} after {known:?}",
            self.hearing.name
        );
        if said.action == "hangup" {
            self.hearing.over(&said.call_id);
        }
    }

    /// For a loser `answered` is the end; the winner has yet to hear it.
    fn phone_hears(&self, said: &ControlMessage, login: &PhoneLogin, life: u64) {
        let known = self.ledger.before(life, &said.call_id);
        let winner = self.ledger.winner(&said.call_id);
        let has_won = winner.as_deref() == Some(&*login.resident_id);
        let is_stale = said.action == "answered" && has_won && known.ended.is_some();
        assert!(
            !is_stale,
            "{} hears {said:?} after {known:?}",
            self.hearing.name
        );
        if said.action != "answered" || !has_won {
            self.hearing.over(&said.call_id);
        }
    }
}

impl Line {
    async fn next(&mut self) -> Result<Heard, SimError> {
        match self {
            Self::Door(door) => door.next(GLANCE).await.map(Heard::Said),
            Self::Phone(phone) => phone.next(GLANCE).await.map(|message| match message {
                PhoneMessage::Incoming(incoming) => Heard::Offer(incoming.call_id),
                PhoneMessage::Control(control) => Heard::Said(control),
                PhoneMessage::System(system) => panic!("heard {system:?}"),
            }),
        }
    }
}
