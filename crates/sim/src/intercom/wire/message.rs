//! The messages of S3, in whichever edition they came.
//!
//! `join_family` is not among them: only screens send it, and it carries a token.
//! Source: S3 §2 to §4; alarms are acknowledged by an extension.

use std::fmt::{Display, Formatter, Result};

use super::party::Party;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// `call_req`: somebody calls.
    Request(Box<Request>),
    /// `call_accept`: the called side answered.
    Accept {
        /// The call, where it was named.
        sid: Option<String>,
    },
    /// `call_reject`: the called side declines, or cannot be reached.
    Reject(Rejection),
    /// `call_end`: the call is over.
    End(Ending),
    /// `call_keep`: the connection is alive.
    Keep {
        /// The call, if there is one.
        sid: Option<String>,
    },
    /// `open_door`: from the called side to the unit at the door.
    OpenDoor {
        /// The call, where it was named.
        sid: Option<String>,
    },
    /// `join_accept`: a screen has been let in.
    Joined {
        /// The flat's room; seldom there in the field.
        room: Option<String>,
        /// Where streams are found, an extension.
        stream: Option<String>,
    },
    /// `join_reject`: a screen has not been let in.
    JoinRefused {
        /// Why, for people.
        reason: String,
    },
    /// `seczone_emergency`, `emergency` in the field.
    Alarm(Alarm),
    /// `emergency_ack`, an extension: a person at the centre has taken an alarm.
    AlarmTaken {
        /// The zone's port.
        port: String,
        /// The alarm's name.
        name: String,
    },
    /// A name that no edition has.
    Unknown {
        /// As it came.
        name: String,
    },
}

/// The caller's wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The call, named by the caller.
    pub sid: String,
    /// Who calls.
    pub src: Party,
    /// Who is called.
    pub dest: Party,
}

/// Why a call is not taken. The numbers are those of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// 0.
    Undefined,
    /// 1: in another call.
    LineBusy,
    /// 2: calls are not taken for the time being.
    Denied,
    /// 3: nobody there.
    Offline,
}

impl Why {
    const ALL: [Why; 4] = [Why::Undefined, Why::LineBusy, Why::Denied, Why::Offline];

    /// The code of the field, 0 to 3.
    pub fn code(self) -> i64 {
        match self {
            Why::Undefined => 0,
            Why::LineBusy => 1,
            Why::Denied => 2,
            Why::Offline => 3,
        }
    }

    /// The word sent as `reason`.
    pub fn word(self) -> &'static str {
        match self {
            Why::Undefined => "undefined",
            Why::LineBusy => "line_busy",
            Why::Denied => "call_in_denied",
            Why::Offline => "app_offline",
        }
    }

    pub(super) fn of_code(code: i64) -> Option<Why> {
        Self::ALL.into_iter().find(|why| why.code() == code)
    }

    pub(super) fn of_word(word: &str) -> Option<Why> {
        Self::ALL.into_iter().find(|why| why.word() == word)
    }
}

/// `call_reject` of any edition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejection {
    /// The call, where it was named.
    pub sid: Option<String>,
    /// By its code or by its word; none if neither is known.
    pub why: Option<Why>,
    /// The word as it came.
    pub reason: Option<String>,
    /// For people.
    pub message: Option<String>,
}

/// `call_end`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// The call, where it was named.
    pub sid: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// For people.
    pub message: Option<String>,
}

/// A zone's alarm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alarm {
    /// The zone's port.
    pub port: String,
    /// The alarm's name.
    pub name: String,
    /// The details, for people.
    pub message: String,
}

impl Message {
    /// Which call it is about, where it says so.
    pub fn sid(&self) -> Option<&str> {
        match self {
            Message::Request(request) => Some(&request.sid),
            Message::Accept { sid } | Message::Keep { sid } | Message::OpenDoor { sid } => {
                sid.as_deref()
            }
            Message::Reject(rejection) => rejection.sid.as_deref(),
            Message::End(ending) => ending.sid.as_deref(),
            Message::Joined { .. }
            | Message::JoinRefused { .. }
            | Message::Alarm(_)
            | Message::AlarmTaken { .. }
            | Message::Unknown { .. } => None,
        }
    }
}

impl Rejection {
    /// Ours, in both the document's words and the field's.
    pub fn of(sid: &str, why: Why) -> Self {
        Self {
            sid: Some(sid.to_owned()),
            why: Some(why),
            reason: Some(why.word().to_owned()),
            message: None,
        }
    }

    /// Its reason in a word.
    pub fn word(&self) -> &str {
        let known = self.why.map(Why::word);
        known.or(self.reason.as_deref()).unwrap_or("no reason")
    }
}

impl Ending {
    /// Its reason in a word.
    pub fn word(&self) -> &str {
        let given = self.reason.as_deref().or(self.message.as_deref());
        given.filter(|word| !word.is_empty()).unwrap_or("call_end")
    }
}

/// As a transcript shows it: the wire's name and what matters.
impl Display for Message {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Message::Request(request) => {
                let Request { sid, src, dest } = request.as_ref();
                write!(f, "call_req {sid} from {src} to {dest}")
            }
            Message::Accept { .. } => f.write_str("call_accept"),
            Message::Reject(rejection) => write!(f, "call_reject ({})", rejection.word()),
            Message::End(ending) => write!(f, "call_end ({})", ending.word()),
            Message::Keep { .. } => f.write_str("call_keep"),
            Message::OpenDoor { .. } => f.write_str("open_door"),
            Message::Joined { room, stream } => {
                let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
                let (room, stream) = (shown(room), shown(stream));
                write!(f, "join_accept room {room}, stream {stream}")
            }
            Message::JoinRefused { reason } => write!(f, "join_reject ({reason})"),
            Message::Alarm(Alarm {
                port,
                name,
                message,
            }) => write!(f, "alarm {name} at port {port}: {message}"),
            Message::AlarmTaken { port, name } => {
                write!(f, "emergency_ack of {name} at port {port}")
            }
            Message::Unknown { name } => write!(f, "an unknown message {name}"),
        }
    }
}
