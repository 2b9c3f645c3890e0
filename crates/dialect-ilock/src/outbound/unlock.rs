//! The order to a door: on the topic where it hears of its calls, at `QoS` 0, to one connection that
//! is alive now. It waits in no queue and no window, so no reconnect can bring it.

use app::port::OpenOrder;
use app::principal::{DoorControl, DoorPrincipal};
use bus::{Audience, LinkId, Message};
use bytes::Bytes;

use std::sync::Arc;

use crate::topics;
use crate::wire::{UnlockOrder, encode};

/// Where the door hears orders.
pub(super) fn topic(door: &DoorPrincipal) -> String {
    match door.control {
        DoorControl::Fixed => topics::DEVICE.to_owned(),
        DoorControl::Own => topics::device_control(&door.device),
    }
}

/// The order, for this link alone.
pub(super) fn message(order: &OpenOrder, topic: String, link: LinkId) -> Message {
    let life = order.ends.since(order.at);
    let told = UnlockOrder {
        action: "unlock",
        unlock_id: order.id.to_string(),
        call_id: order
            .call
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        timestamp: order.at.ms(),
        expires_at: order.ends.ms(),
        life_ms: u64::try_from(life.as_millis()).unwrap_or(u64::MAX),
    };
    Message {
        topic: Arc::from(topic),
        payload: Bytes::from(encode(&told)),
        qos: 0,
        life,
        offline: false,
        audience: Audience::Links(vec![link]),
    }
}
