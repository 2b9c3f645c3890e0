//! Who calls whom: from what a caller dialled to the plan of a call.

use std::sync::Arc;

use engine::call::{Actor, Input, Room, Scene, Streams};
use engine::id::{CallId, CommunityId, DeviceId};

use crate::calls::plan::{CallSettings, Callee, plan};
use crate::calls::room::room_name;
use crate::directory::{Device, DeviceKind};
use crate::port::{CallFacts, StoreFailure};
use crate::principal::DoorPrincipal;

/// A device that calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Which device.
    pub device: DeviceId,
    /// The community it belongs to, beyond which it reaches nobody.
    pub community: CommunityId,
    /// As whom it acts in calls.
    pub actor: Actor,
    /// The streams it named, if it names them.
    pub streams: Option<Arc<Streams>>,
}

/// Whom it calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialled {
    /// Everyone in the flat with this number.
    Flat(String),
    /// One device that can be called by itself: an outdoor unit, a property desk.
    Device(DeviceId),
    /// Every property desk of the community.
    Centres,
}

/// What a caller that dials every desk is said to have dialled.
const CENTRES: &str = "centre";

/// What a step of dialling needs, chosen before it.
pub(super) struct Fresh {
    pub(super) call: CallId,
    pub(super) room: u32,
}

impl From<&DoorPrincipal> for Caller {
    fn from(door: &DoorPrincipal) -> Self {
        Self {
            device: door.device.clone(),
            community: door.community.clone(),
            actor: door.actor(),
            streams: None,
        }
    }
}

/// The input of a press; none if there is nobody by that number, or the caller is no more.
pub(super) fn invite(
    facts: &mut dyn CallFacts,
    caller: &Caller,
    dialled: &Dialled,
    fresh: &Fresh,
    settings: CallSettings,
) -> Result<Option<Input>, StoreFailure> {
    let Some((callee, room)) = find_callee(facts, caller, dialled, fresh, settings)? else {
        return Ok(None);
    };
    let Some(device) = facts.device(&caller.device)? else {
        return Ok(None);
    };
    let scene = Scene {
        caller_name: device.name,
        caller_place: device.place,
        room,
        streams: caller.streams.clone(),
    };
    let number = match dialled {
        Dialled::Flat(number) => number,
        Dialled::Device(device) => device.as_str(),
        Dialled::Centres => CENTRES,
    };
    Ok(Some(Input::Invite {
        call: fresh.call.clone(),
        caller: caller.actor.clone(),
        plan: plan(number, callee, device.times, scene, settings),
    }))
}

fn find_callee(
    facts: &mut dyn CallFacts,
    caller: &Caller,
    dialled: &Dialled,
    fresh: &Fresh,
    settings: CallSettings,
) -> Result<Option<(Callee, Room)>, StoreFailure> {
    let text = room_name(&fresh.call);
    let devices = match dialled {
        Dialled::Flat(number) => {
            let household = facts.household(&caller.community, number)?;
            return Ok(household.map(|household| {
                let room = household.room(text, fresh.room);
                (Callee::household(household, settings), room)
            }));
        }
        Dialled::Device(device) => {
            let found = facts.device(device)?;
            found
                .into_iter()
                .filter(|found| is_callable(found, caller))
                .collect()
        }
        Dialled::Centres => facts.centres(&caller.community)?,
    };
    let is_nobody = devices.is_empty() && *dialled != Dialled::Centres;
    Ok((!is_nobody).then(|| (Callee::devices(devices), Room::Text(text))))
}

fn is_callable(device: &Device, caller: &Caller) -> bool {
    let rings = match device.kind {
        DeviceKind::Outdoor(_) | DeviceKind::Centre(_) => true,
        DeviceKind::Panel(_) | DeviceKind::Screen { .. } | DeviceKind::InnerBox { .. } => false,
    };
    rings && device.community == caller.community
}
