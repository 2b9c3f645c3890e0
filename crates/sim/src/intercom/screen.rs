//! A screen in a flat: joins its box, rings, answers, calls out, and joins again when the
//! connection is lost.
//!
//! Source: S3 §2, §3, §4, §5 (routes 1 to 5).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::channel::{Channel, KeepAlive};
use super::desk::Desk;
use super::event::{Event, Outcome, Tell};
use super::login::{ScreenLogin, screen_token};
use super::station::stream_ids;
use super::streams::Streams;
use super::talk::{Lock, Manner, Patience, Talk};
use super::wire::{Message, Party, PartyKind, Profile, Request};
use crate::error::SimError;

/// How long a box may take to let a screen in.
const JOIN_WAIT: Duration = Duration::from_secs(5);
/// Between a lost connection and the next, twice as long each time up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(8);

/// What a screen is and does. Without `Debug`, for it holds a secret.
#[derive(Clone)]
pub struct Screen {
    /// Who it signs in as.
    pub login: ScreenLogin,
    /// The server's HTTP origin.
    pub http: String,
    /// The box on the home network.
    pub home: SocketAddr,
    /// In which edition it speaks.
    pub profile: Profile,
    /// How its connection is kept alive.
    pub keep_alive: KeepAlive,
    /// The address the box sees it at; none: whichever the system takes.
    pub from: Option<IpAddr>,
    /// The central stream server's address, such as `http://11.0.0.1:954/stream`, for calls between
    /// rooms in version 0.5.
    pub central: Option<String>,
    /// The call it makes once joined.
    pub call: Option<(Party, Patience)>,
    /// How it treats calls to it.
    pub manner: Manner,
    /// Goes on after its first call, and joins again when the connection is lost.
    pub stay: bool,
    /// How long it runs at most.
    pub limit: Option<Duration>,
    /// The time of day in milliseconds, from which calls and streams get their names.
    pub clock: fn() -> i64,
}

/// A joined screen's connection.
struct Joined {
    channel: Channel,
    room: Option<String>,
}

impl Screen {
    /// Joins, makes its call or waits for one. Returns how the first went, unless it stays.
    ///
    /// A login or a join that is refused is an error, and so is a connection lost between calls by
    /// a screen that does not stay.
    pub async fn run(&self, tell: &mut Tell<'_>) -> Result<Outcome, SimError> {
        match timeout(self.limit.unwrap_or(Duration::MAX), self.attend(tell)).await {
            Ok(outcome) => outcome,
            Err(_) => Ok(Outcome::TimeUp),
        }
    }

    /// Signs in, connects and joins; what to do with the connection is the caller's business.
    pub async fn join(&self) -> Result<Channel, SimError> {
        let mut silent = |_: Event| {};
        Ok(self.enter(&mut desk(&mut silent)).await?.channel)
    }

    async fn attend(&self, tell: &mut Tell<'_>) -> Result<Outcome, SimError> {
        let mut desk = desk(tell);
        let mut call = self.call.as_ref();
        let mut pause = FIRST_PAUSE;
        loop {
            let why = match self.enter(&mut desk).await {
                Ok(mut joined) => {
                    pause = FIRST_PAUSE;
                    match self.serve(&mut desk, &mut joined, call.take()).await {
                        Err(error) if self.stay && error.is_lost_link() => error,
                        done => {
                            joined.channel.close().await;
                            return done;
                        }
                    }
                }
                Err(error) if self.stay && may_pass(&error) => error,
                Err(error) => return Err(error),
            };
            let why = why.to_string();
            desk.tell(Event::LinkLost { why });
            sleep(pause).await;
            pause = LAST_PAUSE.min(pause * 2);
        }
    }

    async fn enter(&self, desk: &mut Desk<'_>) -> Result<Joined, SimError> {
        let token = screen_token(&self.http, &self.login).await?;
        let manner = (self.profile, self.keep_alive);
        let mut channel = Channel::connect(self.home, self.from, manner).await?;
        desk.tell(Event::Connected(self.home));
        channel.join(&token, &self.login.device_id);
        match timeout(JOIN_WAIT, let_in(desk, &mut channel)).await {
            Ok(room) => Ok(Joined {
                room: room?,
                channel,
            }),
            Err(_) => Err(SimError::LinkEnded {
                why: format!("no answer to the join in {JOIN_WAIT:?}"),
            }),
        }
    }

    /// Calls and is called until a run that does not stay has had one call.
    async fn serve(
        &self,
        desk: &mut Desk<'_>,
        joined: &mut Joined,
        call: Option<&(Party, Patience)>,
    ) -> Result<Outcome, SimError> {
        if let Some((dest, patience)) = call {
            let request = self.request(joined, dest.clone())?;
            let mut talk = talk(desk, &mut joined.channel, &request.sid);
            if let Some(outcome) = self.last(talk.call(request, *patience).await?)? {
                return Ok(outcome);
            }
        }
        loop {
            let message = desk.hear(&mut joined.channel).await?;
            let Message::Request(request) = message else {
                desk.tell(Event::PassedOver(message));
                continue;
            };
            let sid = request.sid.clone();
            desk.tell(Event::Heard(Message::Request(request)));
            let mut talk = talk(desk, &mut joined.channel, &sid);
            if let Some(outcome) = self.last(talk.answer(self.manner).await?)? {
                return Ok(outcome);
            }
        }
    }

    /// A call that ends the run; a lost connection is the run's business again.
    fn last(&self, outcome: Outcome) -> Result<Option<Outcome>, SimError> {
        if !self.stay {
            return Ok(Some(outcome));
        }
        if let Outcome::Lost { why } = outcome {
            return Err(SimError::LinkEnded { why });
        }
        Ok(None)
    }

    /// The screen is named by its room (S3 §5, example 1).
    fn request(&self, joined: &Joined, mut dest: Party) -> Result<Request, SimError> {
        let seen = joined.channel.local_address()?;
        let id = joined.room.as_ref().unwrap_or(&self.login.device_id);
        let mut src = Party {
            id: id.clone(),
            kind: Some(PartyKind::Screen),
            ip: seen.ip().to_string(),
            port: Some(seen.port()),
            ..Party::default()
        };
        let now = (self.clock)();
        let streams = Streams {
            profile: self.profile,
            host: &src.ip.clone(),
            central: self.central.as_deref(),
            ids: stream_ids(now),
        };
        streams.name(&mut src, &mut dest);
        let sid = format!("{}-{now}", self.login.device_id);
        Ok(Request { sid, src, dest })
    }
}

fn desk<'a>(tell: &'a mut Tell<'_>) -> Desk<'a> {
    Desk {
        callers: None,
        tell,
        takes_alarms: false,
    }
}

fn talk<'t, 'd>(desk: &'t mut Desk<'d>, channel: &'t mut Channel, sid: &str) -> Talk<'t, 'd> {
    Talk {
        desk,
        channel,
        lock: Lock::None,
        sid: sid.to_owned(),
    }
}

/// Waits for the box's word; the room if it named one.
async fn let_in(desk: &mut Desk<'_>, channel: &mut Channel) -> Result<Option<String>, SimError> {
    loop {
        let message = desk.hear(channel).await?;
        desk.tell(Event::Heard(message.clone()));
        if let Message::Joined { room, .. } = message {
            return Ok(room);
        }
        if let Message::JoinRefused { reason } = message {
            return Err(SimError::JoinRefused { reason });
        }
    }
}

/// Whether trying again may help: a server that is away, not one that refuses.
fn may_pass(error: &SimError) -> bool {
    error.is_lost_link() || matches!(error, SimError::Unreachable { .. })
}
