//! The topics and who may do what on them. Source: S0 §1; S1 §4.1.
//!
//! | | subscribe | publish |
//! |---|---|---|
//! | door | `mqtt_call/controller/device`, `mqtt_call/system`, its own `devices/{id}/calls/control` | `mqtt_call/controller/device` |
//! | resident | `mqtt_call/incoming`, `mqtt_call/controller/resident`, `mqtt_call/system`, its own three below `users/{id}/` | `mqtt_call/controller/resident` |
//!
//! Nothing else, no wildcards, nothing retained.

use app::principal::Principal;
use engine::id::{DeviceId, ResidentId};

pub(crate) const INCOMING: &str = "mqtt_call/incoming";
pub(crate) const DEVICE: &str = "mqtt_call/controller/device";
pub(crate) const RESIDENT: &str = "mqtt_call/controller/resident";
pub(crate) const SYSTEM: &str = "mqtt_call/system";

/// Whether a topic is a resident's own.
pub(crate) fn is_own(topic: &str) -> bool {
    topic.starts_with("users/")
}

pub(crate) fn user_incoming(resident: &ResidentId) -> String {
    format!("users/{resident}/calls/incoming")
}

pub(crate) fn user_control(resident: &ResidentId) -> String {
    format!("users/{resident}/calls/control")
}

pub(crate) fn user_sync(resident: &ResidentId) -> String {
    format!("users/{resident}/devices/sync")
}

pub(crate) fn device_control(device: &DeviceId) -> String {
    format!("devices/{device}/calls/control")
}

pub(crate) fn may_subscribe(principal: &Principal, filter: &str) -> bool {
    match principal {
        Principal::Door(door) => {
            matches!(filter, DEVICE | SYSTEM) || filter == device_control(&door.device)
        }
        Principal::Resident(one) => {
            let own = [user_incoming, user_control, user_sync];
            matches!(filter, INCOMING | RESIDENT | SYSTEM)
                || own.into_iter().any(|topic| topic(&one.resident) == filter)
        }
        Principal::Operator(_) => false,
    }
}

pub(crate) fn may_publish(principal: &Principal, topic: &str) -> bool {
    match principal {
        Principal::Door(_) => topic == DEVICE,
        Principal::Resident(_) => topic == RESIDENT,
        Principal::Operator(_) => false,
    }
}
