//! A party that is known by its address: a unit at an entrance, or the property's application or
//! centre.
//!
//! It has one line. It calls over a connection of its own, past a box or through one, and takes
//! calls on the address where it listens. Only a unit at an entrance has a lock.
//! Source: S3 §2, §5 (routes 1 to 4, 6 and 7).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::time::timeout;

use super::callers::Callers;
use super::channel::{Channel, KeepAlive};
use super::desk::{Desk, Wanted};
use super::event::{Event, Outcome, Tell};
use super::streams::Streams;
use super::talk::{Lock, Manner, Patience, Talk};
use super::wire::{Party, PartyKind, Profile, Request};
use crate::error::SimError;

/// What a station is and does.
#[derive(Debug, Clone)]
pub struct Station {
    /// An outdoor unit, a property application or a centre.
    pub kind: PartyKind,
    /// Its number, such as `2-1-1` of an entrance.
    pub id: String,
    /// In which edition it speaks.
    pub profile: Profile,
    /// How its connections are kept alive.
    pub keep_alive: KeepAlive,
    /// The address others see it at; none: whichever the system takes.
    pub from: Option<IpAddr>,
    /// Where others may call it.
    pub listen: Option<SocketAddr>,
    /// The call it makes at once.
    pub call: Option<Calling>,
    /// How it treats calls to it.
    pub manner: Manner,
    /// Says at once that a person has taken an alarm.
    pub takes_alarms: bool,
    /// Goes on after its first call or alarm; the run then ends only with its time.
    pub stay: bool,
    /// How long it runs at most.
    pub limit: Option<Duration>,
    /// The time of day in milliseconds, from which calls and streams get their names.
    pub clock: fn() -> i64,
}

/// A call to be made.
#[derive(Debug, Clone)]
pub struct Calling {
    /// Where to connect: a box, or the called party itself.
    pub to: SocketAddr,
    /// Who is called; without an address, the one that is connected to.
    pub dest: Party,
    /// How long.
    pub patience: Patience,
}

impl Station {
    /// Makes its call, then waits to be called. Returns how the first of these went, unless it
    /// stays.
    ///
    /// A connection that cannot be made, and bytes outside the protocol, are errors.
    pub async fn run(&self, tell: &mut Tell<'_>) -> Result<Outcome, SimError> {
        match timeout(self.limit.unwrap_or(Duration::MAX), self.attend(tell)).await {
            Ok(outcome) => outcome,
            Err(_) => Ok(Outcome::TimeUp),
        }
    }

    async fn attend(&self, tell: &mut Tell<'_>) -> Result<Outcome, SimError> {
        let mut desk = Desk {
            callers: None,
            tell,
            takes_alarms: self.takes_alarms,
        };
        if let Some(at) = self.listen {
            let callers = Callers::bind(at, (self.profile, self.keep_alive)).await?;
            desk.tell(Event::Listens(callers.address()?));
            desk.callers = Some(callers);
        }
        if let Some(calling) = &self.call {
            let outcome = self.call(&mut desk, calling).await?;
            if !self.stay {
                return Ok(outcome);
            }
        }
        loop {
            let outcome = match desk.wait().await? {
                Wanted::Call(call) => self.answer(&mut desk, *call).await?,
                Wanted::Alarm => Outcome::Alarmed,
            };
            if !self.stay {
                return Ok(outcome);
            }
        }
    }

    async fn call(&self, desk: &mut Desk<'_>, calling: &Calling) -> Result<Outcome, SimError> {
        let manner = (self.profile, self.keep_alive);
        let mut channel = Channel::connect(calling.to, self.from, manner).await?;
        desk.tell(Event::Connected(calling.to));
        let request = self.request(desk, &channel, calling)?;
        let outcome = self
            .talk(desk, &mut channel, &request.sid)
            .call(request, calling.patience)
            .await;
        channel.close().await;
        outcome
    }

    async fn answer(
        &self,
        desk: &mut Desk<'_>,
        (mut channel, request): (Channel, Request),
    ) -> Result<Outcome, SimError> {
        let outcome = self
            .talk(desk, &mut channel, &request.sid)
            .answer(self.manner)
            .await?;
        // Whoever called closes, after reading our last word.
        desk.keep(channel);
        Ok(outcome)
    }

    fn talk<'t, 'd>(
        &self,
        desk: &'t mut Desk<'d>,
        channel: &'t mut Channel,
        sid: &str,
    ) -> Talk<'t, 'd> {
        let lock = match self.kind {
            PartyKind::Outdoor => Lock::There,
            PartyKind::InnerBox
            | PartyKind::Screen
            | PartyKind::PropertyApp
            | PartyKind::Centre => Lock::None,
        };
        Talk {
            desk,
            channel,
            lock,
            sid: sid.to_owned(),
        }
    }

    fn request(
        &self,
        desk: &Desk<'_>,
        channel: &Channel,
        calling: &Calling,
    ) -> Result<Request, SimError> {
        let seen = channel.local_address()?;
        let listens = desk.callers.as_ref().map(Callers::address).transpose()?;
        let mut src = Party {
            id: self.id.clone(),
            kind: Some(self.kind),
            ip: seen.ip().to_string(),
            port: Some(listens.unwrap_or(seen).port()),
            ..Party::default()
        };
        let mut dest = calling.dest.clone();
        if dest.ip.is_empty() {
            dest.ip = calling.to.ip().to_string();
            dest.port = dest.port.or(Some(calling.to.port()));
        }
        let now = (self.clock)();
        let streams = Streams {
            profile: self.profile,
            host: &src.ip.clone(),
            central: None,
            ids: stream_ids(now),
        };
        streams.name(&mut src, &mut dest);
        let sid = format!("{}-{now}", self.id);
        Ok(Request { sid, src, dest })
    }
}

/// Two ids for one call, with room for one more after each.
pub(super) fn stream_ids(now: i64) -> [u64; 2] {
    let first = now.unsigned_abs() % 1_000_000_000;
    [first, first + 2]
}
