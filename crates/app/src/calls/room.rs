//! The media room of a call: its name, and what a step owes to the service that keeps it.
//!
//! A room is released when its call ends. Those who lost are thrown out at the claim: they hold
//! credentials of the offer, which stay valid for a while.

use engine::call::{Call, LegState, Version};
use engine::id::CallId;
use engine::time::Instant;

use crate::port::{Errand, RoomTask};
use crate::principal::rtc_user;

const ROOM: &str = "room_";

/// Made from the call's id alone, never from a clock, so that there is one room per call.
pub(super) fn room_name(call: &CallId) -> String {
    let id: String = call
        .as_str()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!("{ROOM}{id}")
}

/// The call whose room has this name, if the name is one of ours.
pub(super) fn call_of_room(name: &str) -> Option<CallId> {
    let id = name.strip_prefix(ROOM)?;
    if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let parts = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]];
    Some(CallId::from(parts.join("-")))
}

/// The errands of a call's change. A call that ended where it began let nobody into a room.
pub(super) fn errands(before: Option<&Call>, after: &Call, now: Instant) -> Vec<Errand> {
    let Some(before) = before.filter(|before| before.ended().is_none()) else {
        return Vec::new();
    };
    let room = after.scene.room.clone();
    let mut tasks = Vec::new();
    if after.ended().is_some() {
        tasks.push(("release", RoomTask::Release(room)));
    } else if before.is_alerting() && !after.is_alerting() {
        let users = losers(after);
        if !users.is_empty() {
            tasks.push(("losers", RoomTask::Remove { room, users }));
        }
    }
    let errand = |(what, task): (&str, RoomTask)| Errand {
        id: format!("{}/{what}", after.id),
        task: task.into(),
        since: now,
    };
    tasks.into_iter().map(errand).collect()
}

/// Everyone who was offered the call and is out of it.
fn losers(call: &Call) -> Vec<String> {
    let out = call
        .legs
        .iter()
        .filter(|leg| matches!(leg.state, LegState::Closed(_)) && leg.changed != Version::NONE);
    out.filter_map(|leg| rtc_user(&leg.endpoint)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rooms_name_leads_back_to_its_call() {
        let call = CallId::from("0190a5b4-7c3e-7f00-8000-0123456789ab");

        let name = room_name(&call);

        assert_eq!(name, "room_0190a5b47c3e7f0080000123456789ab");
        assert_eq!(call_of_room(&name), Some(call));
    }

    #[test]
    fn other_names_lead_to_no_call() {
        for name in [
            "",
            "room_",
            "room_1_1_1746870072",
            "door_0190a5b47c3e7f0080000123456789ab",
        ] {
            assert_eq!(call_of_room(name), None, "{name}");
        }
        assert_eq!(call_of_room(&format!("room_{}", "é".repeat(16))), None);
    }
}
