//! A phone that waits for calls and treats each by one rule.
//!
//! One call at a time: offers during a call are told and passed over.
//! Source: S0 §2.3, §3 (resident's subscriptions).

use std::time::Duration;

use tokio::time::timeout;

use super::line::{Line, Say, describe, ends_call, reason_of};
use crate::error::SimError;
use crate::phone::{Phone, PhoneAction, PhoneMessage};
use crate::server::{PhoneLogin, ServerAddress};
use crate::wire::{Incoming, SystemMessage};

/// How long an answered call may last; above S0's own two hours (§2.5).
const TALK_PATIENCE: Duration = Duration::from_secs(3 * 60 * 60);

/// What a phone does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behaviour {
    /// How long it rings first.
    pub answer_after: Duration,
    /// Declines where it would have answered.
    pub decline: bool,
    /// Opens the door where it would have answered.
    pub unlock: bool,
    /// Keeps waiting for more calls; the run then ends only with the connection.
    pub stay: bool,
}

/// How one call went for a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneOutcome {
    /// The call was over, or taken elsewhere, before this phone did anything.
    Missed {
        /// The call's id.
        call_id: String,
        /// `answered` when it was taken elsewhere and no reason given; else the server's reason.
        reason: String,
    },
    /// The server did not take this phone's word, for instance because somebody was faster.
    Refused {
        /// The call's id.
        call_id: String,
        /// The envelope's code.
        code: i64,
        /// The server's words.
        message: String,
    },
    /// This phone opened the door, or asked to.
    Unlocked {
        /// The call's id.
        call_id: String,
        /// What the server said became of it; `executed` if the door confirmed.
        result: String,
    },
    /// This phone declined.
    Declined {
        /// The call's id.
        call_id: String,
    },
    /// This phone answered, and the call has ended.
    Talked {
        /// The call's id.
        call_id: String,
        /// The server's reason.
        reason: String,
    },
}

/// Connects, waits for a call however long that takes, and treats it as `behaviour` says.
///
/// Returns how the first call went; with `stay` only the loss of the connection ends it, as an
/// error. Dropping the future ends it at any time.
pub async fn run_phone(
    server: &ServerAddress,
    login: &PhoneLogin,
    client_id: &str,
    behaviour: Behaviour,
    say: &mut Say<'_>,
) -> Result<PhoneOutcome, SimError> {
    let mut phone = Phone::connect(server, login, client_id).await?;
    tell(
        say,
        format!("connected as {} ({client_id})", login.resident_id),
    );
    loop {
        let incoming = next_call(&mut phone, say).await?;
        let outcome = treat(&mut phone, &incoming.call_id, behaviour, say).await?;
        if !behaviour.stay {
            phone.disconnect().await;
            tell(say, "disconnected".to_owned());
            return Ok(outcome);
        }
    }
}

async fn next_call(phone: &mut Phone, say: &mut Say<'_>) -> Result<Incoming, SimError> {
    loop {
        match phone.next(Duration::MAX).await? {
            PhoneMessage::Incoming(incoming) => {
                let Incoming {
                    call_id,
                    device_device_id,
                    rtc,
                    ..
                } = incoming.as_ref();
                let room = &rtc.room_id;
                tell(
                    say,
                    format!("rings: call {call_id} from {device_device_id}, room {room}"),
                );
                return Ok(*incoming);
            }
            PhoneMessage::System(notice) => tell(say, announce(&notice)),
            PhoneMessage::Control(_) => {}
        }
    }
}

async fn treat(
    phone: &mut Phone,
    call_id: &str,
    behaviour: Behaviour,
    say: &mut Say<'_>,
) -> Result<PhoneOutcome, SimError> {
    let call = call_id.to_owned();
    let over_or_taken = |action: &str| ends_call(action) || action == "answered";
    let missed = listen(phone, call_id, behaviour.answer_after, say, over_or_taken).await?;
    if let Some(reason) = missed {
        return Ok(PhoneOutcome::Missed {
            call_id: call,
            reason,
        });
    }
    if behaviour.unlock {
        return unlock(phone, call, say).await;
    }
    let action = if behaviour.decline {
        PhoneAction::Rejected
    } else {
        PhoneAction::Answered
    };
    let reply = phone.respond(call_id, action, None).await?;
    tell(
        say,
        format!("says {}: {} {}", action.as_str(), reply.code, reply.message),
    );
    if !reply.is_success() {
        let (code, message) = (reply.code, reply.message);
        return Ok(PhoneOutcome::Refused {
            call_id: call,
            code,
            message,
        });
    }
    if behaviour.decline {
        return Ok(PhoneOutcome::Declined { call_id: call });
    }
    talk(phone, call, say).await
}

/// Opens the door for a call that rings; its id serves for the one order that it needs.
async fn unlock(
    phone: &mut Phone,
    call_id: String,
    say: &mut Say<'_>,
) -> Result<PhoneOutcome, SimError> {
    let reply = phone.unlock(&call_id, &call_id).await?;
    tell(
        say,
        format!("says unlock: {} {}", reply.code, reply.message),
    );
    let result = reply.data["result"].as_str().unwrap_or("denied").to_owned();
    tell(say, format!("is told: {result}"));
    Ok(PhoneOutcome::Unlocked { call_id, result })
}

async fn talk(
    phone: &mut Phone,
    call_id: String,
    say: &mut Say<'_>,
) -> Result<PhoneOutcome, SimError> {
    let reason = match listen(phone, &call_id, TALK_PATIENCE, say, ends_call).await? {
        Some(reason) => reason,
        None => {
            let reply = phone.respond(&call_id, PhoneAction::Hangup, None).await?;
            tell(
                say,
                format!("says hangup: {} {}", reply.code, reply.message),
            );
            PhoneAction::Hangup.as_str().to_owned()
        }
    };
    Ok(PhoneOutcome::Talked { call_id, reason })
}

/// Listens to one call until an action that matters, and returns its reason, or until the end of
/// patience. Offers meanwhile are told and passed over: this phone is busy.
async fn listen(
    phone: &mut Phone,
    call_id: &str,
    patience: Duration,
    say: &mut Say<'_>,
    matters: fn(&str) -> bool,
) -> Result<Option<String>, SimError> {
    let listening = async {
        loop {
            match phone.next(Duration::MAX).await? {
                PhoneMessage::Control(message) if message.call_id == call_id => {
                    tell(say, describe(&message));
                    if matters(&message.action) {
                        return Ok(reason_of(message));
                    }
                }
                PhoneMessage::Incoming(other) if other.call_id != call_id => {
                    tell(say, format!("is busy: call {}", other.call_id));
                }
                PhoneMessage::System(notice) => tell(say, announce(&notice)),
                PhoneMessage::Control(_) | PhoneMessage::Incoming(_) => {}
            }
        }
    };
    match timeout(patience, listening).await {
        Ok(heard) => heard.map(Some),
        Err(_) => Ok(None),
    }
}

fn announce(notice: &SystemMessage) -> String {
    format!("is told ({}): {}", notice.level, notice.message)
}

fn tell(say: &mut Say<'_>, text: String) {
    say(Line { who: "phone", text });
}
