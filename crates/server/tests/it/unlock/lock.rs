//! A door's lock, and what the server says of orders.

use std::time::Duration;

use serde_json::{Value, json};
use sim::{ControlMessage, Door, PhoneLogin, SimError};

use crate::community::{Community, SOON};

/// The next order that the door hears; whatever else it hears is passed over.
pub(super) async fn order(door: &mut Door) -> ControlMessage {
    loop {
        let message = door.next(SOON).await.unwrap();
        if message.action == "unlock" {
            return message;
        }
    }
}

/// Whether the door hears no order within `wait`.
pub(super) async fn hears_none(door: &mut Door, wait: Duration) -> bool {
    loop {
        match door.next(wait).await {
            Err(SimError::Quiet { .. }) => return true,
            Ok(message) if message.action == "unlock" => return false,
            Ok(_) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Confirms the next order.
pub(super) async fn opens(door: &mut Door) -> String {
    let heard = order(door).await.unlock_id.unwrap();
    let reply = door.confirm(&heard, true).await.ok().unwrap();
    assert!(reply.is_success(), "{}", reply.message);
    heard
}

/// Asks over S1's path as somebody with a token; status and the envelope.
pub(super) async fn ask(community: &Community, token: &str, body: &Value) -> (u16, Value) {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer), ("accept-language", "en")];
    community
        .server
        .post("/api/mqtt/calls/unlock", &headers, body)
        .await
}

/// Asks for a door outside a call.
pub(crate) async fn ask_door(
    community: &Community,
    who: &PhoneLogin,
    door: &str,
    key: &str,
) -> (u16, Value) {
    let body = json!({"unlock_id": key, "device_id": door});
    ask(community, &who.token, &body).await
}

/// What is listed of orders, newest first: state and reason.
pub(super) async fn listed(community: &Community) -> Vec<(String, Value)> {
    let (status, page) = community
        .server
        .get("/v1/unlocks", &community.operator)
        .await;
    assert_eq!(status, 200, "{page}");
    let unlocks = page["unlocks"].as_array().unwrap();
    let state = |one: &Value| {
        let state = one["state"].as_str().unwrap();
        (state.to_owned(), one["reason"].clone())
    };
    unlocks.iter().map(state).collect()
}

/// Speaks to the server as the lobby's panel.
pub(super) async fn panel(community: &Community, path: &str, body: &Value) -> (u16, Value) {
    let lobby = &community.lobby;
    let bearer = format!("Bearer {}", lobby.secret);
    let headers = [
        ("authorization", &*bearer),
        ("x-device-id", &*lobby.device_id),
    ];
    let path = format!("/api/mqtt/device/{path}");
    community.server.post(&path, &headers, body).await
}

/// Asks the product's own API as the owner.
pub(super) async fn v1(community: &Community, path: &str, body: &Value) -> (u16, Value) {
    let bearer = format!("Bearer {}", community.operator);
    let headers = [("authorization", &*bearer)];
    community.server.post(path, &headers, body).await
}
