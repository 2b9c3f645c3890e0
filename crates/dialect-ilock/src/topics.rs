//! The topics and who may do what on them. Source: S0 §1; S1 §4.1.
//!
//! | | subscribe | publish |
//! |---|---|---|
//! | door | `mqtt_call/controller/device`, `mqtt_call/system`, its own `devices/{id}/calls/control` | `mqtt_call/controller/device`, its own `devices/{id}/calls/action` |
//! | resident | `mqtt_call/incoming`, `mqtt_call/controller/resident`, `mqtt_call/system`, its own three below `users/{id}/` | `mqtt_call/controller/resident` |
//!
//! Nothing else, no wildcards, nothing retained. `calls/action` is an extension: the same commands,
//! where the topic says whose they are. Through a broker that is not ours the fixed topics cannot
//! be published on.

use app::principal::Principal;
use bus::Rights;
use engine::id::{DeviceId, ResidentId};

pub(crate) const INCOMING: &str = "mqtt_call/incoming";
pub(crate) const DEVICE: &str = "mqtt_call/controller/device";
pub(crate) const RESIDENT: &str = "mqtt_call/controller/resident";
pub(crate) const SYSTEM: &str = "mqtt_call/system";

/// Every door's own topic for what it does to its calls.
pub(crate) const DEVICE_ACTIONS: &str = "devices/+/calls/action";

/// Everything that is said to doors and phones is behind these.
pub(crate) const SPOKEN: [&str; 3] = ["users/#", "devices/#", "mqtt_call/#"];

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

pub(crate) fn device_action(device: &DeviceId) -> String {
    format!("devices/{device}/calls/action")
}

/// The device whose topic for actions this is.
pub(crate) fn acting_device(topic: &str) -> Option<&str> {
    topic
        .strip_prefix("devices/")?
        .strip_suffix("/calls/action")
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

/// What a principal may do at a broker that is not ours, where `has_fixed` says whether anything is
/// said on the fixed topics.
pub(crate) fn remote_rights(principal: &Principal, has_fixed: bool) -> Rights {
    let (own, fixed, publish) = match principal {
        Principal::Door(door) => (
            vec![device_control(&door.device)],
            [DEVICE, SYSTEM].as_slice(),
            vec![device_action(&door.device)],
        ),
        Principal::Resident(one) => {
            let own = [user_incoming, user_control, user_sync].map(|topic| topic(&one.resident));
            (
                own.to_vec(),
                [INCOMING, RESIDENT, SYSTEM].as_slice(),
                vec![],
            )
        }
        Principal::Operator(_) => return Rights::default(),
    };
    let fixed = fixed.iter().filter(|_| has_fixed);
    Rights {
        subscribe: own
            .into_iter()
            .chain(fixed.map(ToString::to_string))
            .collect(),
        publish,
    }
}

pub(crate) fn may_publish(principal: &Principal, topic: &str) -> bool {
    match principal {
        Principal::Door(door) => topic == DEVICE || topic == device_action(&door.device),
        Principal::Resident(_) => topic == RESIDENT,
        Principal::Operator(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use app::principal::{DoorControl, DoorPrincipal, ResidentPrincipal};

    use super::*;

    fn door() -> Principal {
        Principal::Door(DoorPrincipal {
            device: "lobby".into(),
            community: "c".into(),
            control: DoorControl::Own,
        })
    }

    fn mum() -> Principal {
        Principal::Resident(ResidentPrincipal {
            resident: "mum".into(),
            login: "phone".into(),
            client: None,
        })
    }

    #[test]
    fn what_is_allowed_at_another_broker_is_allowed_at_ours_too() {
        for who in [door(), mum()] {
            let Rights { subscribe, publish } = remote_rights(&who, true);

            assert!(subscribe.iter().all(|filter| may_subscribe(&who, filter)));
            assert!(publish.iter().all(|topic| may_publish(&who, topic)));
            assert!(
                subscribe
                    .iter()
                    .any(|filter| filter.starts_with("mqtt_call/"))
            );
        }
    }

    #[test]
    fn nobody_publishes_on_a_topic_that_others_share_at_another_broker() {
        assert_eq!(
            remote_rights(&door(), true).publish,
            ["devices/lobby/calls/action"]
        );
        assert!(remote_rights(&mum(), true).publish.is_empty());
    }

    #[test]
    fn where_the_fixed_topics_are_silent_nobody_subscribes_to_them() {
        let filters = remote_rights(&door(), false).subscribe;

        assert_eq!(filters, ["devices/lobby/calls/control"]);
    }

    #[test]
    fn a_door_is_known_by_its_topic() {
        assert_eq!(
            acting_device(&device_action(&"lobby".into())),
            Some("lobby")
        );
        assert_eq!(acting_device("devices/lobby/calls/control"), None);
    }
}
