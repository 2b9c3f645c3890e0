//! The vendor's REST calls that close rooms and throw users out of them.
//!
//! Knows no retries: an errand that fails is tried again by whoever owns it.
//! Source: TRTC API `2019-07-22`, `DismissRoom…` and `RemoveUser…`; the service allows 20 requests
//! a second of each.
//!
//! ```json
//! {"SdkAppId": 1400000001, "RoomId": "room_01…", "UserIds": ["res_01…"]}
//! ```

use std::sync::Arc;
use std::time::Duration;

use app::port::{BoxFuture, Clock, ErrandFailure, RoomService};
use engine::call;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Response, Url, redirect};
use serde::Serialize;

use super::answer::{judge, refused, unavailable};
use super::room::Room;
use super::tc3::{self, CloudKey};
use super::user::TrtcUser;

const SERVICE: &str = "trtc";
const VERSION: &str = "2019-07-22";

/// As the vendor documents.
const USERS_MAX: usize = 10;

const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// The whole request. Longer only holds up other errands; this one is tried again anyway.
const REQUEST_WAIT: Duration = Duration::from_secs(10);

/// Far above any answer of the API.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Where and as whom the rooms are kept.
pub struct RoomsSettings {
    /// `scheme://host` or `scheme://host:port`; plain HTTP is for stand-ins in tests.
    pub endpoint: String,
    /// The vendor's region, such as `ap-guangzhou`.
    pub region: String,
    /// The TRTC application whose rooms they are.
    pub sdk_app_id: u32,
    /// Signs the requests.
    pub key: CloudKey,
}

/// The vendor's room service.
pub struct TrtcRooms {
    client: Client,
    endpoint: Url,
    host: String,
    region: String,
    sdk_app_id: u32,
    key: CloudKey,
    clock: Arc<dyn Clock>,
}

/// Why the room service cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum RoomsProblem {
    /// The endpoint is not an address of a server.
    #[error("the endpoint must be scheme://host or scheme://host:port, with http or https")]
    Endpoint,
    /// TLS could not be set up; usually no certificates of authorities are installed.
    #[error("the HTTPS client: {0}")]
    Client(#[source] reqwest::Error),
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Request<'a> {
    sdk_app_id: u32,
    room_id: RoomId<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    user_ids: &'a [String],
}

#[derive(Serialize)]
#[serde(untagged)]
enum RoomId<'a> {
    Number(u32),
    Text(&'a str),
}

impl TrtcRooms {
    /// Checks the settings; sends nothing yet.
    pub fn new(settings: RoomsSettings, clock: Arc<dyn Clock>) -> Result<TrtcRooms, RoomsProblem> {
        let (endpoint, host) = parse_endpoint(&settings.endpoint).ok_or(RoomsProblem::Endpoint)?;
        let client = Client::builder()
            .connect_timeout(CONNECT_WAIT)
            .timeout(REQUEST_WAIT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(RoomsProblem::Client)?;
        let RoomsSettings {
            region,
            sdk_app_id,
            key,
            ..
        } = settings;
        Ok(TrtcRooms {
            client,
            endpoint,
            host,
            region,
            sdk_app_id,
            key,
            clock,
        })
    }

    async fn dismiss(&self, room: &Room) -> Result<(), ErrandFailure> {
        let action = match room.number() {
            Some(_) => "DismissRoom",
            None => "DismissRoomByStrRoomId",
        };
        self.ask(action, room, &[]).await
    }

    async fn throw_out(&self, room: &Room, users: &[String]) -> Result<(), ErrandFailure> {
        let action = match room.number() {
            Some(_) => "RemoveUser",
            None => "RemoveUserByStrRoomId",
        };
        for some in users.chunks(USERS_MAX) {
            self.ask(action, room, some).await?;
        }
        Ok(())
    }

    async fn ask(
        &self,
        action: &str,
        room: &Room,
        user_ids: &[String],
    ) -> Result<(), ErrandFailure> {
        let room_id = match (room.number(), room.name()) {
            (Some(number), _) => RoomId::Number(number),
            (None, name) => RoomId::Text(name.unwrap_or_default()),
        };
        let request = Request {
            sdk_app_id: self.sdk_app_id,
            room_id,
            user_ids,
        };
        let body = serde_json::to_vec(&request).map_err(|e| refused(&e))?;
        let response = self.send(action, body).await.map_err(|e| unavailable(&e))?;
        let status = response.status();
        let bytes = read(response).await?;
        if !status.is_success() {
            return Err(ErrandFailure::Unavailable(format!("HTTP status {status}")));
        }
        judge(&bytes)
    }

    async fn send(&self, action: &str, body: Vec<u8>) -> reqwest::Result<Response> {
        let at_s = self.clock.now().ms().div_euclid(1000);
        let signed = tc3::Request {
            service: SERVICE,
            host: &self.host,
            payload: &body,
            at_s,
        };
        let request = self
            .client
            .post(self.endpoint.clone())
            .header(AUTHORIZATION, signed.authorization(&self.key))
            .header(CONTENT_TYPE, tc3::CONTENT_TYPE)
            .header("X-TC-Action", action)
            .header("X-TC-Version", VERSION)
            .header("X-TC-Timestamp", at_s)
            .header("X-TC-Region", &self.region);
        request.body(body).send().await
    }
}

impl RoomService for TrtcRooms {
    fn release(&self, room: call::Room) -> BoxFuture<'_, Result<(), ErrandFailure>> {
        Box::pin(async move { self.dismiss(&to_room(&room)?).await })
    }

    /// Names that no user can have are passed over: one of them would have all refused.
    fn remove(
        &self,
        room: call::Room,
        mut users: Vec<String>,
    ) -> BoxFuture<'_, Result<(), ErrandFailure>> {
        users.retain(|user| TrtcUser::new(user).is_ok());
        Box::pin(async move { self.throw_out(&to_room(&room)?, &users).await })
    }
}

fn to_room(room: &call::Room) -> Result<Room, ErrandFailure> {
    match room {
        call::Room::Number(number) => Room::integer(*number),
        call::Room::Text(name) => Room::text(name),
    }
    .map_err(|e| refused(&e))
}

/// The address and the `Host` that a request to it carries.
fn parse_endpoint(text: &str) -> Option<(Url, String)> {
    let url = Url::parse(text).ok()?;
    let is_bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !is_bare || !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let host = match (url.host_str()?, url.port()) {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    };
    Some((url, host))
}

async fn read(mut response: Response) -> Result<Vec<u8>, ErrandFailure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| unavailable(&e))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > ANSWER_BYTES_MAX {
            return Err(ErrandFailure::Unavailable("the answer is too long".into()));
        }
    }
    Ok(bytes)
}
