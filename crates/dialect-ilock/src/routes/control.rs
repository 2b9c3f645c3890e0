//! What parties do to a call. Source: S0 §4.2, §4.3, §4.5; S1 §2.2.2.
//!
//! | route | who may |
//! |---|---|
//! | `POST …/controller/device`, `…/calls/caller-action` | the door that made the call |
//! | `POST …/controller/resident`, `…/calls/callee-action` | an endpoint rung in the call |
//! | `POST …/end-session` | the calling door, the winner, operators; from one still ringing it is a decline, from a loser 409 |

use app::port::LoggedCall;
use app::principal::{OperatorPrincipal, Principal};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use engine::call::Input;
use engine::id::CallId;

use crate::ask::{Ask, No, answer};
use crate::command::{device_command, push_command, resident_command};
use crate::dialect::Ilock;
use crate::media::Hearing;
use crate::routes::session::{find_logged, refuse};
use crate::wire::{ControlRequest, EndRequest, Family, TakenReply};
use crate::words::Said;

pub(super) async fn device(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = by_device(&ilock, &ask).await;
    answer(ask.language, Family::S0, reply)
}

async fn by_device(ilock: &Ilock, ask: &Ask) -> Result<TakenReply, No> {
    let door = ask.door(ilock).await?;
    let request = ControlRequest::decode(&ask.body)?;
    let action = request.action.clone();
    let input = device_command(&door, request)?;
    carry_out(ilock, &Principal::Door(door), input, action).await
}

pub(super) async fn resident(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = by_resident(&ilock, &ask).await;
    answer(ask.language, Family::S0, reply)
}

async fn by_resident(ilock: &Ilock, ask: &Ask) -> Result<TakenReply, No> {
    let resident = ask.resident(ilock).await?;
    let request = ControlRequest::decode(&ask.body)?;
    let action = request.action.clone();
    let input = resident_command(&resident, request, ilock.ports().calls.now())?;
    carry_out(ilock, &Principal::Resident(resident), input, action).await
}

pub(super) async fn caller_action(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = by_device(&ilock, &ask).await;
    answer(ask.language, Family::S1, reply)
}

pub(super) async fn callee_action(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = by_callee(&ilock, &ask).await;
    answer(ask.language, Family::S1, reply)
}

async fn by_callee(ilock: &Ilock, ask: &Ask) -> Result<TakenReply, No> {
    let resident = ask.resident(ilock).await?;
    let request = ControlRequest::decode(&ask.body)?;
    let action = request.action.clone();
    let input = push_command(&resident, request, ilock.ports().calls.now())?;
    carry_out(ilock, &Principal::Resident(resident), input, action).await
}

pub(super) async fn end_session(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = end(&ilock, &ask).await;
    answer(ask.language, Family::S0, reply)
}

async fn end(ilock: &Ilock, ask: &Ask) -> Result<TakenReply, No> {
    let principal = ask.anyone(ilock).await?;
    let request = EndRequest::decode(&ask.body)?;
    let (call, note) = (request.call_id.into(), request.reason);
    let input = match &principal {
        Principal::Door(door) => Input::Hangup {
            call,
            by: door.actor(),
            note,
        },
        Principal::Resident(resident) => Input::Hangup {
            call,
            by: resident.actor(),
            note,
        },
        Principal::Operator(operator) => {
            check_manages(ilock, operator, &call).await?;
            Input::End { call, note }
        }
    };
    carry_out(ilock, &principal, input, "hangup".to_owned()).await
}

/// An operator ends calls of doors in communities they manage; others do not exist for them.
async fn check_manages(
    ilock: &Ilock,
    operator: &OperatorPrincipal,
    call: &CallId,
) -> Result<(), No> {
    let unknown = || No::new(StatusCode::NOT_FOUND, Said::UnknownCall);
    let LoggedCall { community, .. } = find_logged(ilock, call).await?;
    let manages = operator.is_owner() || community.is_some_and(|one| operator.may_manage(&one));
    manages.then_some(()).ok_or_else(unknown)
}

/// Carries a command out. A claim that won is answered with fresh credentials.
async fn carry_out(
    ilock: &Ilock,
    by: &Principal,
    input: Input,
    action: String,
) -> Result<TakenReply, No> {
    let is_claim = matches!(input, Input::Claim { .. });
    let done = ilock.carry_out(by, input).await?;
    let call = done
        .accepted()
        .map_err(|no| refuse(no, done.call.as_deref()))?;
    let winner = call.answer().filter(|_| is_claim);
    let winner = winner.map(|answer| &call.legs[answer.leg.0].endpoint);
    let asking = by.actor().map(|actor| actor.endpoint);
    let tencen_rtc = winner.zip(asking.as_ref()).map(|(winner, asking)| {
        let media = &ilock.parts().media;
        media.for_talk(call, winner, Hearing::One(asking), done.at)
    });
    Ok(TakenReply {
        call_id: call.id.to_string(),
        action,
        timestamp: done.at.ms(),
        tencen_rtc,
    })
}
