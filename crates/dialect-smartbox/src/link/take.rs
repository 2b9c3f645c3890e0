//! What a connection says: who may say it, which call it means, what it asks for.
//!
//! | message | who may |
//! |---|---|
//! | `join_family` | home network, not yet joined |
//! | `call_req` | registered peers that came to us, joined screens |
//! | `call_accept`, `call_reject` | who was offered the call |
//! | `call_end`, `call_keep` | parties of the call |
//! | `open_door` | who was offered the call or answered it |
//! | `emergency`, `seczone_emergency` | screens and boxes, for a zone of their own flat |
//! | `emergency_ack` | screens and desks that were told of the alarm |
//!
//! Everything else comes to nothing and is counted.

use std::sync::Arc;

use app::Failure;
use app::calls::{Caller, Done};
use engine::call::{Gone as LegGone, Input, Refusal, Scope, Stray, Streams, Verdict, Version};
use engine::id::CallId;

use crate::link::conversation::{Conversation, Gone, Role};
use crate::notice::{end, reject};
use crate::route::{WayIn, find_callee};
use crate::wire::{CallReject, CallReq, Frame, Message, RejectCode};

impl Conversation {
    pub(super) async fn take(&mut self, frame: Frame) -> Result<(), Gone> {
        if let Message::JoinFamily(join) = frame.message {
            return self.join(join).await;
        }
        if self.role == Role::Stranger {
            if !matches!(frame.message, Message::CallKeep { .. }) {
                self.drop_message("not_joined");
            }
            return Ok(());
        }
        match frame.message {
            Message::CallKeep { sid } => self.current.keep(sid.as_deref()),
            Message::CallReq(asked) => self.place(asked).await?,
            Message::CallAccept { sid } => self.claim(sid.as_deref()).await?,
            Message::CallReject(said) => self.refuse(said).await?,
            Message::CallEnd(said) => {
                let note = said.reason.or(said.message);
                self.hang_up(said.sid.as_deref(), note).await?;
            }
            Message::OpenDoor(said) => self.open_door(said.sid.as_deref()),
            Message::Emergency(said) => self.trigger(said).await,
            Message::EmergencyAck(said) => self.acknowledge(said).await,
            Message::JoinFamily(_)
            | Message::JoinAccept(_)
            | Message::JoinReject { .. }
            | Message::Unknown(_) => self.drop_message("not_for_us"),
        }
        self.speak().await
    }

    /// The call that a message means, if the peer may mean one.
    fn refer(&self, sid: Option<&str>) -> Option<CallId> {
        let now = self.house.ports().calls.now();
        match self.current.refer(sid, now) {
            Ok(call) => Some(call.clone()),
            Err(stray) => {
                self.drop_message(match stray {
                    Stray::NoCall => "no_call",
                    Stray::OtherCall => "other_call",
                    Stray::NotYetKnown => "not_yet_known",
                });
                None
            }
        }
    }

    /// The call that a message of one who was called means.
    pub(super) fn refer_as_leg(&self, sid: Option<&str>) -> Option<CallId> {
        if self.role == Role::Caller {
            self.drop_message("caller");
            return None;
        }
        self.refer(sid)
    }

    /// What cannot be carried out costs the link: then it is at least known to be lost.
    async fn handle(&self, input: Input) -> Result<Done, Gone> {
        let done = self.house.ports().calls.handle(input).await;
        done.map_err(|failure| {
            tracing::warn!(%failure, "a message could not be carried out");
            Gone
        })
    }

    async fn claim(&mut self, sid: Option<&str>) -> Result<(), Gone> {
        let (Some(call), Some(by)) = (self.refer_as_leg(sid), self.actor()) else {
            return Ok(());
        };
        let claimed = Input::Claim {
            call: call.clone(),
            by: by.clone(),
            note: None,
        };
        let done = self.handle(claimed).await?;
        if done.verdict == Verdict::Refused(Refusal::LineBusy) {
            let name = self.current.name().unwrap_or_default().to_owned();
            let gone = LegGone::Busy;
            self.ended = Some(call.clone());
            self.handle(Input::GiveUp { call, by, gone }).await?;
            return self.say(end(&name, "line_busy")).await;
        }
        Ok(())
    }

    async fn refuse(&mut self, said: CallReject) -> Result<(), Gone> {
        let (Some(call), Some(by)) = (self.refer_as_leg(said.sid.as_deref()), self.actor()) else {
            return Ok(());
        };
        self.ended = Some(call.clone());
        let gone = |gone| Input::GiveUp {
            call: call.clone(),
            by: by.clone(),
            gone,
        };
        let input = match said.code {
            RejectCode::LineBusy => gone(LegGone::Busy),
            RejectCode::AppOffline => gone(LegGone::Unreachable),
            RejectCode::Undefined | RejectCode::CallInDenied => Input::Decline {
                call: call.clone(),
                by: by.clone(),
                scope: Scope::Device,
                note: said.message.clone(),
            },
        };
        let done = self.handle(input).await?;
        if done.verdict == Verdict::Refused(Refusal::WrongState) {
            // One who has answered puts the receiver down by the wrong message.
            let note = said.message;
            self.handle(Input::Hangup { call, by, note }).await?;
        }
        Ok(())
    }

    async fn hang_up(&mut self, sid: Option<&str>, note: Option<String>) -> Result<(), Gone> {
        if let (Some(call), Some(by)) = (self.refer(sid), self.actor()) {
            self.ended = Some(call.clone());
            self.handle(Input::Hangup { call, by, note }).await?;
        }
        Ok(())
    }

    async fn place(&mut self, asked: CallReq) -> Result<(), Gone> {
        if matches!(self.role, Role::Callee(_)) {
            self.drop_message("callee");
            return Ok(());
        }
        let sid = asked.sid.clone();
        match self.dial(asked).await {
            Ok(done) => self.placed(sid, &done).await,
            Err((code, why)) => self.say(reject(sid, code, why)).await,
        }
    }

    async fn dial(&self, asked: CallReq) -> Result<Done, (RejectCode, &'static str)> {
        let nobody = (RejectCode::Undefined, "nobody_there");
        let ports = self.house.ports();
        let (Some(device), Some(actor)) = (&self.device, self.actor()) else {
            return Err(nobody);
        };
        let (device, peers) = (&device.device, ports.peers.peers());
        let way_in = WayIn {
            place: self.place,
            local: self.local,
        };
        let callee = find_callee(&asked.dest, device, way_in, &peers, &ports.settings);
        let streams = Streams {
            caller_audio: asked.src.audio,
            caller_video: asked.src.video,
            callee_audio: asked.dest.audio,
            callee_video: asked.dest.video,
        };
        let caller = Caller {
            device: device.id.clone(),
            community: device.community.clone(),
            actor,
            streams: (streams != Streams::default()).then(|| Arc::new(streams)),
        };
        let dialled = ports.calls.dial(caller, callee.ok_or(nobody)?).await;
        dialled.map_err(|failure| match failure {
            Failure::TooMany => (RejectCode::CallInDenied, "too_often"),
            Failure::NotFound { .. } => nobody,
            Failure::Invalid { .. }
            | Failure::Refused(_)
            | Failure::Conflict { .. }
            | Failure::Held { .. }
            | Failure::Unavailable(_) => {
                tracing::warn!(%failure, "a call could not be placed");
                (RejectCode::Undefined, "unavailable")
            }
        })
    }

    /// The call is the connection's from now on, or the rules said no.
    async fn placed(&mut self, sid: Option<String>, done: &Done) -> Result<(), Gone> {
        let (code, why) = match done.accepted() {
            Ok(call) => {
                let name = sid.unwrap_or_else(|| call.id.to_string());
                self.leave_for(&call.id).await?;
                self.current.place(call.id.clone(), name);
                self.said.remove(&call.id);
                self.placed = Some(call.id.clone());
                if let Some(own) = self.endpoint() {
                    self.house.registry().place(&call.id, &own, &self.handle);
                }
                return Ok(());
            }
            Err(Refusal::Busy | Refusal::LineBusy) => (RejectCode::LineBusy, "line_busy"),
            Err(Refusal::Unreachable) => (RejectCode::AppOffline, "nobody_there"),
            Err(_) => (RejectCode::Undefined, "refused"),
        };
        self.say(reject(sid, code, why)).await
    }

    /// What the peer was in before it placed `call`: a call of its own it gave up by that, one that
    /// rang here it will not answer any more.
    async fn leave_for(&mut self, call: &CallId) -> Result<(), Gone> {
        let (Some(former), Some(by)) = (self.current.call().cloned(), self.actor()) else {
            return Ok(());
        };
        if former == *call {
            return Ok(());
        }
        self.said.insert(former.clone(), Version(u64::MAX));
        let registry = self.house.registry();
        if !registry.displace(&former, &by.endpoint, &self.handle) {
            let (call, gone) = (former, LegGone::Busy);
            self.handle(Input::GiveUp { call, by, gone }).await?;
        }
        Ok(())
    }
}
