//! Arguments that every party of S3 shares.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::bail;
use clap::{Args, ValueEnum};
use sim::{Answer, KeepAlive, Manner, OpenDoor, Outcome, PartyKind, Patience, Profile, Why};

/// How a party speaks, and how long it runs.
#[derive(Args)]
pub(super) struct Party {
    /// The edition it speaks.
    #[arg(long, value_enum, default_value_t = Edition::V04)]
    profile: Edition,
    /// The address the server sees it at, where that decides who it is.
    #[arg(long, value_name = "IP")]
    pub(super) from: Option<IpAddr>,
    /// Say no keep-alives, as a party that has gone.
    #[arg(long)]
    no_keep: bool,
    /// Go on after the first call.
    #[arg(long)]
    pub(super) stay: bool,
    /// End after so many seconds.
    #[arg(long, value_name = "S")]
    for_s: Option<u64>,
}

/// What a party does with calls to it, and how long it waits in its own.
#[derive(Args)]
pub(super) struct Calls {
    /// What to do with a call.
    #[arg(long, value_enum, default_value_t = Reply::Accept)]
    answer: Reply,
    /// How long to let it ring first, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 2000)]
    after_ms: u64,
    /// How long to talk before hanging up, in seconds.
    #[arg(long, value_name = "S", default_value_t = 5)]
    talk_s: u64,
    /// When to take its own call back, in seconds.
    #[arg(long, value_name = "S", default_value_t = 60)]
    cancel_after_s: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Edition {
    /// The document of March 2019.
    #[value(name = "v0.4")]
    V04,
    /// The same with full addresses between rooms.
    #[value(name = "v0.5")]
    V05,
    /// As devices in the field speak.
    Field,
}

#[derive(Clone, Copy, ValueEnum)]
enum Reply {
    /// Take it.
    Accept,
    /// Decline it.
    Decline,
    /// Say that the line is busy.
    Busy,
    /// Say that calls are not taken.
    Deny,
    /// Let it ring.
    Ignore,
}

/// When a party tells the door to open.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Open {
    /// While it still rings.
    Ringing,
    /// Once it has answered.
    Talking,
}

/// Who is called, as `CallPeerType` counts them.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Whom {
    /// A flat, by its box.
    Flat,
    /// A screen.
    Screen,
    /// A unit at an entrance.
    Outdoor,
    /// A property application.
    App,
    /// A property centre.
    Centre,
}

impl Party {
    pub(super) fn profile(&self) -> Profile {
        match self.profile {
            Edition::V04 => Profile::V04,
            Edition::V05 => Profile::V05,
            Edition::Field => Profile::Field,
        }
    }

    pub(super) fn keep_alive(&self) -> KeepAlive {
        let usual = KeepAlive::default();
        KeepAlive {
            every: usual.every.filter(|_| !self.no_keep),
            ..usual
        }
    }

    pub(super) fn limit(&self) -> Option<Duration> {
        self.for_s.map(Duration::from_secs)
    }
}

impl Calls {
    pub(super) fn manner(&self, open: Option<Open>) -> Manner {
        Manner {
            answer: match self.answer {
                Reply::Accept => Answer::Accept,
                Reply::Decline => Answer::Reject(Why::Undefined),
                Reply::Busy => Answer::Reject(Why::LineBusy),
                Reply::Deny => Answer::Reject(Why::Denied),
                Reply::Ignore => Answer::Ignore,
            },
            after: Duration::from_millis(self.after_ms),
            open: match open {
                None => OpenDoor::Never,
                Some(Open::Ringing) => OpenDoor::Ringing,
                Some(Open::Talking) => OpenDoor::Talking,
            },
            talk: Duration::from_secs(self.talk_s),
        }
    }

    pub(super) fn patience(&self, open: Option<Open>) -> Patience {
        Patience {
            ring: Duration::from_secs(self.cancel_after_s),
            talk: Duration::from_secs(self.talk_s),
            open: open.is_some(),
        }
    }
}

impl Whom {
    pub(super) fn kind(self) -> PartyKind {
        match self {
            Self::Flat => PartyKind::InnerBox,
            Self::Screen => PartyKind::Screen,
            Self::Outdoor => PartyKind::Outdoor,
            Self::App => PartyKind::PropertyApp,
            Self::Centre => PartyKind::Centre,
        }
    }
}

/// Somebody by number, by address, or both.
pub(super) fn callee(id: Option<&str>, whom: Whom, at: Option<SocketAddr>) -> sim::Party {
    sim::Party {
        id: id.unwrap_or_default().to_owned(),
        kind: Some(whom.kind()),
        ip: at.map(|at| at.ip().to_string()).unwrap_or_default(),
        port: at.map(|at| at.port()),
        ..sim::Party::default()
    }
}

/// A call of its own that was not answered is an error, and so is a lost connection.
pub(in crate::command) fn judge(outcome: Outcome) -> anyhow::Result<()> {
    match outcome {
        Outcome::Refused { reason, .. } => bail!("refused: {reason}"),
        Outcome::Unanswered { reason } => bail!("nobody answered: {reason}"),
        Outcome::Lost { why } => bail!("{why}"),
        Outcome::Cancelled
        | Outcome::Missed { .. }
        | Outcome::Declined
        | Outcome::Talked { .. }
        | Outcome::Alarmed
        | Outcome::TimeUp => Ok(()),
    }
}
