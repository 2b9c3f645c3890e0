//! The fixed topics and who may do what on them. Source: S0 §1 and the table "who may".
//!
//! | | subscribe | publish |
//! |---|---|---|
//! | door | `mqtt_call/controller/device`, `mqtt_call/system` | `mqtt_call/controller/device` |
//! | resident | `mqtt_call/incoming`, `mqtt_call/controller/resident`, `mqtt_call/system` | `mqtt_call/controller/resident` |
//!
//! Nothing else, no wildcards.

use app::principal::Principal;

pub(crate) const INCOMING: &str = "mqtt_call/incoming";
pub(crate) const DEVICE: &str = "mqtt_call/controller/device";
pub(crate) const RESIDENT: &str = "mqtt_call/controller/resident";
pub(crate) const SYSTEM: &str = "mqtt_call/system";

pub(crate) fn may_subscribe(principal: &Principal, filter: &str) -> bool {
    match principal {
        Principal::Door(_) => matches!(filter, DEVICE | SYSTEM),
        Principal::Resident(_) => matches!(filter, INCOMING | RESIDENT | SYSTEM),
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
