//! A flat's screens, joined and kept alive, and one call to them.

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::progress::{Delays, Progress, Seat, Step};
use crate::error::SimError;
use crate::intercom::{Channel, Ending, KeepAlive, Message, Party, PartyKind, Profile, Request};
use crate::load::error::LoadError;

/// Far above any delay of a server that works, below any ring time.
const CALL_WAIT: Duration = Duration::from_secs(10);

const MANNER: (Profile, KeepAlive) = (
    Profile::V04,
    KeepAlive {
        every: Some(Duration::from_secs(2)),
        dead_after: Duration::from_secs(15),
    },
);

/// Where the hosted boxes listen.
#[derive(Clone, Copy, Debug)]
pub struct BoxTarget {
    /// For screens.
    pub home: SocketAddr,
    /// For units at entrances.
    pub community: SocketAddr,
}

/// A screen that has signed in. Without `Debug`, for it holds a token.
#[derive(Clone)]
pub struct BoxScreen {
    /// The device number.
    pub device_id: String,
    /// What `join_family` carries.
    pub token: String,
}

/// A flat and its screens.
#[derive(Clone)]
pub struct BoxFlat {
    /// What is dialled.
    pub number: String,
    /// All of them ring.
    pub screens: Vec<BoxScreen>,
}

/// A unit at an entrance, known by its address.
#[derive(Clone, Debug)]
pub struct BoxUnit {
    /// Its number.
    pub id: String,
    /// The address it is seen at.
    pub ip: IpAddr,
}

/// One call to make.
pub(super) struct Press {
    pub(super) unit: BoxUnit,
    pub(super) sid: String,
    /// Which screen answers, counted round; none: all of them, at the same moment.
    pub(super) winner: Option<usize>,
}

/// A flat whose screens are joined.
pub(super) struct Flat {
    home: BoxFlat,
    target: BoxTarget,
    clock: fn() -> Instant,
    screens: Vec<Channel>,
    strangers: usize,
}

impl Flat {
    pub(super) async fn join(
        target: BoxTarget,
        home: BoxFlat,
        clock: fn() -> Instant,
    ) -> Result<Self, LoadError> {
        let mut flat = Self {
            home,
            target,
            clock,
            screens: Vec::new(),
            strangers: 0,
        };
        flat.join_again().await?;
        Ok(flat)
    }

    /// Lets time pass; ends only with a connection.
    pub(super) async fn rest(&mut self) -> LoadError {
        loop {
            match poll_fn(|waker| self.poll_screens(waker)).await {
                Ok((_, Message::Request(_))) => self.strangers += 1,
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    }

    /// How many screens rang while nobody called; from here on they are counted anew.
    pub(super) fn take_strangers(&mut self) -> usize {
        std::mem::take(&mut self.strangers)
    }

    /// Rings, answers and hangs up, with everybody hearing what they must. After a failure all
    /// screens join again.
    pub(super) async fn call(&mut self, press: &Press) -> Result<Delays, LoadError> {
        if self.screens.len() < self.home.screens.len() {
            self.join_again().await?;
        }
        let mut progress = Progress::new(self.screens.len(), (self.clock)());
        let done = match timeout(CALL_WAIT, self.converse(press, &mut progress)).await {
            Ok(done) => done,
            Err(_) => Err(progress.missing().into()),
        };
        for screen in &mut self.screens {
            screen.name_call(None);
        }
        match done {
            Ok(()) => Ok(progress.delays()),
            Err(why) => {
                // If it does not help, the next call tells.
                drop(self.join_again().await);
                Err(why)
            }
        }
    }

    /// All screens from the start.
    pub(super) async fn join_again(&mut self) -> Result<(), LoadError> {
        self.screens.clear();
        for screen in &self.home.screens {
            let joining = join(self.target.home, screen);
            let joined = timeout(CALL_WAIT, joining).await;
            let missing = "the answer to a join";
            self.screens
                .push(joined.unwrap_or(Err(LoadError::Hung { missing }))?);
        }
        Ok(())
    }

    async fn converse(&mut self, press: &Press, progress: &mut Progress) -> Result<(), LoadError> {
        let (to, from) = (self.target.community, Some(press.unit.ip));
        let unit = Channel::connect(to, from, MANNER).await;
        let mut unit = unit.map_err(LoadError::Link)?;
        *progress = Progress::new(self.screens.len(), (self.clock)());
        unit.post(&self.request(press));
        unit.name_call(Some(press.sid.clone()));
        let mut unit = Some(unit);
        loop {
            let (seat, message) = poll_fn(|waker| self.poll_all(&mut unit, waker)).await?;
            progress.note(seat, &message, (self.clock)())?;
            if let (Seat::Screen(at), Message::Request(request)) = (seat, message) {
                self.screens[at].name_call(Some(request.sid));
            }
            match progress.step()? {
                Step::Wait => {}
                Step::Answer => self.answer(press, progress).await?,
                Step::HangUp => {
                    if let Some(unit) = unit.take() {
                        hang_up(unit, &press.sid).await;
                    }
                }
                Step::Done => return Ok(()),
            }
        }
    }

    async fn answer(&mut self, press: &Press, progress: &mut Progress) -> Result<(), LoadError> {
        let count = self.screens.len();
        for (at, screen) in self.screens.iter_mut().enumerate() {
            if press.winner.is_none_or(|turn| turn % count == at) {
                progress.answers(at, (self.clock)());
                screen.post(&Message::Accept { sid: None });
                screen.flush().await.map_err(LoadError::Link)?;
            }
        }
        Ok(())
    }

    fn request(&self, press: &Press) -> Message {
        let src = Party {
            id: press.unit.id.clone(),
            kind: Some(PartyKind::Outdoor),
            ip: press.unit.ip.to_string(),
            video: "56780".to_owned(),
            ..Party::default()
        };
        let dest = Party {
            id: self.home.number.clone(),
            kind: Some(PartyKind::InnerBox),
            ip: self.target.community.ip().to_string(),
            port: Some(self.target.community.port()),
            audio: "56781".to_owned(),
            ..Party::default()
        };
        let sid = press.sid.clone();
        Message::Request(Box::new(Request { sid, src, dest }))
    }

    fn poll_all(
        &mut self,
        unit: &mut Option<Channel>,
        waker: &mut Context<'_>,
    ) -> Poll<Result<(Seat, Message), LoadError>> {
        if let Some(unit) = unit
            && let Poll::Ready(heard) = unit.poll_next(waker)
        {
            return Poll::Ready(seated(Seat::Unit, heard));
        }
        self.poll_screens(waker)
    }

    fn poll_screens(
        &mut self,
        waker: &mut Context<'_>,
    ) -> Poll<Result<(Seat, Message), LoadError>> {
        for (at, screen) in self.screens.iter_mut().enumerate() {
            if let Poll::Ready(heard) = screen.poll_next(waker) {
                return Poll::Ready(seated(Seat::Screen(at), heard));
            }
        }
        Poll::Pending
    }
}

/// The caller closes, as S3 §2 has it.
async fn hang_up(mut unit: Channel, sid: &str) {
    unit.post(&Message::End(Ending {
        sid: Some(sid.to_owned()),
        ..Ending::default()
    }));
    unit.close().await;
}

fn seated(seat: Seat, heard: Result<Message, SimError>) -> Result<(Seat, Message), LoadError> {
    heard
        .map(|message| (seat, message))
        .map_err(LoadError::Link)
}

async fn join(home: SocketAddr, screen: &BoxScreen) -> Result<Channel, LoadError> {
    let mut channel = Channel::connect(home, None, MANNER)
        .await
        .map_err(LoadError::Link)?;
    channel.join(&screen.token, &screen.device_id);
    loop {
        let message = channel.next().await.map_err(LoadError::Link)?;
        if let Message::JoinRefused { reason } = message {
            return Err(LoadError::Link(SimError::JoinRefused { reason }));
        }
        if matches!(message, Message::Joined { .. }) {
            return Ok(channel);
        }
    }
}
