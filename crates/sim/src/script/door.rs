//! A door that presses once, talks for a while and hangs up. It opens when it is told to.
//!
//! Judges the server by nothing: what it says is told and believed.
//! Source: S0 §2.2 to §2.4, §3 (device's subscription).

use std::time::Duration;

use tokio::time::timeout;

use super::line::{Line, Say, describe, ends_call, reason_of};
use crate::door::{Door, DoorAction};
use crate::error::SimError;
use crate::server::{DoorLogin, ServerAddress};
use crate::wire::Pressed;

/// How long a door believes that somebody may still answer. Above any sensible ring time, so
/// that the server's time-out comes first.
const RING_PATIENCE: Duration = Duration::from_secs(180);
/// How long the echo of the door's own hang-up may take.
const ECHO_PATIENCE: Duration = Duration::from_secs(5);

/// How one press went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DoorOutcome {
    /// The server did not take the call.
    Refused {
        /// The envelope's code.
        code: i64,
        /// The server's words.
        message: String,
    },
    /// The call ended before anybody answered.
    Unanswered {
        /// The call's id.
        call_id: String,
        /// The server's reason, such as that of a time-out or a refusal.
        reason: String,
    },
    /// Somebody answered.
    Talked {
        /// The call's id.
        call_id: String,
        /// Why it ended: the server's reason, or `hangup` when the door ended it and heard
        /// nothing more.
        reason: String,
    },
}

/// Connects, rings `household`, waits for an answer, talks for `talk` and hangs up.
///
/// Returns early when the other side ends the call. Takes at most three minutes and `talk`.
pub async fn run_door(
    server: &ServerAddress,
    login: &DoorLogin,
    household: &str,
    talk: Duration,
    say: &mut Say<'_>,
) -> Result<DoorOutcome, SimError> {
    let mut door = Door::connect(server, login).await?;
    tell(say, format!("connected as {}", login.device_id));
    let outcome = match door.press(household).await {
        Ok(pressed) => {
            tell(say, ringing_line(household, &pressed));
            ring(&mut door, pressed.call_id, talk, say).await?
        }
        Err(SimError::Refused { code, message, .. }) => {
            tell(
                say,
                format!("rings household {household} and is refused: {code} {message}"),
            );
            DoorOutcome::Refused { code, message }
        }
        Err(error) => return Err(error),
    };
    door.disconnect().await;
    tell(say, "disconnected".to_owned());
    Ok(outcome)
}

async fn ring(
    door: &mut Door,
    call_id: String,
    talk: Duration,
    say: &mut Say<'_>,
) -> Result<DoorOutcome, SimError> {
    match listen(door, &call_id, RING_PATIENCE, say, |action| {
        action == "answered"
    })
    .await?
    {
        Some(Heard::Wanted) => {
            tell(say, format!("talks for up to {talk:?}"));
            let reason = converse(door, &call_id, talk, say).await?;
            Ok(DoorOutcome::Talked { call_id, reason })
        }
        Some(Heard::Ended { reason }) => Ok(DoorOutcome::Unanswered { call_id, reason }),
        None => {
            let reason = end(door, &call_id, DoorAction::Cancelled, say).await?;
            Ok(DoorOutcome::Unanswered { call_id, reason })
        }
    }
}

async fn converse(
    door: &mut Door,
    call_id: &str,
    talk: Duration,
    say: &mut Say<'_>,
) -> Result<String, SimError> {
    match listen(door, call_id, talk, say, |_| false).await? {
        Some(Heard::Ended { reason }) => Ok(reason),
        Some(Heard::Wanted) | None => end(door, call_id, DoorAction::Hangup, say).await,
    }
}

/// Ends the call and waits for the server to say so.
async fn end(
    door: &mut Door,
    call_id: &str,
    action: DoorAction,
    say: &mut Say<'_>,
) -> Result<String, SimError> {
    let word = action.as_str();
    let reply = door.control(call_id, action, None).await?;
    tell(
        say,
        format!("says {word}: {} {}", reply.code, reply.message),
    );
    match listen(door, call_id, ECHO_PATIENCE, say, |_| false).await? {
        Some(Heard::Ended { reason }) => Ok(reason),
        Some(Heard::Wanted) | None => Ok(word.to_owned()),
    }
}

enum Heard {
    Wanted,
    Ended { reason: String },
}

/// Listens to one call until a wanted action, its end, or the end of patience.
async fn listen(
    door: &mut Door,
    call_id: &str,
    patience: Duration,
    say: &mut Say<'_>,
    is_wanted: fn(&str) -> bool,
) -> Result<Option<Heard>, SimError> {
    let listening = async {
        loop {
            let message = door.next(Duration::MAX).await?;
            if message.call_id != call_id {
                continue;
            }
            tell(say, describe(&message));
            if let Some(unlock_id) = &message.unlock_id {
                let reply = door.confirm(unlock_id, true).await?;
                tell(say, format!("opens: {} {}", reply.code, reply.message));
            }
            if is_wanted(&message.action) {
                return Ok(Heard::Wanted);
            }
            if ends_call(&message.action) {
                return Ok(Heard::Ended {
                    reason: reason_of(message),
                });
            }
        }
    };
    match timeout(patience, listening).await {
        Ok(heard) => heard.map(Some),
        Err(_) => Ok(None),
    }
}

fn ringing_line(household: &str, pressed: &Pressed) -> String {
    let Pressed {
        call_id,
        target_resident_ids,
        rtc,
        ..
    } = pressed;
    let count = target_resident_ids.len();
    let room = &rtc.room_id;
    format!("rings household {household}: call {call_id}, room {room}, residents rung: {count}")
}

fn tell(say: &mut Say<'_>, text: String) {
    say(Line { who: "door", text });
}
