//! `/v1/connections`: who is connected by MQTT, what passes over it, and ending it.
//!
//! An id is the moment of connecting and a number, so that one from before a restart of the server
//! never means another connection after it.

use app::connections::{Connection, ConnectionPage, Connections};
use app::port::{LinkState, Peer, PeerFilter, Whom};
use app::principal::Principal;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::ask::{Asked, Operator};
use crate::page::{Page, PageQuery, limit};
use crate::problem::{Problem, Refusals};

const WHAT: &str = "connection";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Of {
    /// Only those of this device. Not together with `resident`.
    device: Option<String>,
    /// Only those of this resident, registered clients included.
    resident: Option<String>,
    /// Only those with this MQTT client id.
    client: Option<String>,
}

/// Who is connected: a door, a registered client of a resident (`client`), or one of a resident's
/// other phones (`resident`).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ConnectionKind {
    Door,
    Resident,
    Client,
}

/// A live MQTT connection. Bytes are those of topics and contents.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConnectionReply {
    id: String,
    community: String,
    kind: ConnectionKind,
    /// Of a door; null otherwise.
    device: Option<String>,
    /// Of a resident or a registered client; null otherwise.
    resident: Option<String>,
    /// The MQTT client id.
    client_id: String,
    /// Version of MQTT: `3.1`, `3.1.1` or `5`.
    protocol: &'static str,
    /// The other end of the socket, as address and port; a proxy's if it came through one. Null if
    /// it is not known.
    peer_address: Option<String>,
    connected_at: i64,
    /// Its session goes on for a while when it ends.
    session_lasts: bool,
    /// Filters of its session.
    subscriptions: usize,
    /// Messages that wait for it.
    queued_messages: usize,
    queued_bytes: usize,
    /// Messages that it was sent and has not acknowledged.
    in_flight: usize,
    /// What it published since it connected, refused messages included.
    received_messages: u64,
    received_bytes: u64,
    /// What it was sent since it connected, repeats included.
    delivered_messages: u64,
    delivered_bytes: u64,
}

impl ConnectionReply {
    fn new(connection: Connection) -> Self {
        let Connection {
            peer,
            community,
            state,
        } = connection;
        let (kind, device, resident) = match &peer.principal {
            Principal::Door(door) => (ConnectionKind::Door, Some(door.device.to_string()), None),
            Principal::Resident(one) => {
                let is_registered = one.client.is_some();
                let kind = if is_registered {
                    ConnectionKind::Client
                } else {
                    ConnectionKind::Resident
                };
                (kind, None, Some(one.resident.to_string()))
            }
            Principal::Operator(_) => (ConnectionKind::Resident, None, None),
        };
        let LinkState {
            protocol,
            peer_address,
            session_lasts,
            subscriptions,
            queued_messages,
            queued_bytes,
            in_flight,
            received_messages,
            received_bytes,
            delivered_messages,
            delivered_bytes,
        } = state;
        Self {
            id: id(&peer),
            community: community.to_string(),
            kind,
            device,
            resident,
            client_id: peer.client_id,
            protocol,
            peer_address: peer_address.map(|address| address.to_string()),
            connected_at: peer.connected.ms(),
            session_lasts,
            subscriptions,
            queued_messages,
            queued_bytes,
            in_flight,
            received_messages,
            received_bytes,
            delivered_messages,
            delivered_bytes,
        }
    }
}

fn id(peer: &Peer) -> String {
    format!("{}-{}", peer.connected.ms(), peer.number)
}

fn number(id: &str) -> Option<u64> {
    id.split_once('-')?.1.parse().ok()
}

/// Whom two fields of a request mean; at most one may be given.
pub(crate) fn whom(
    device: Option<String>,
    resident: Option<String>,
) -> Result<Option<Whom>, Problem> {
    match (device, resident) {
        (Some(device), None) => Ok(Some(Whom::Door(device.into()))),
        (None, Some(resident)) => Ok(Some(Whom::Resident(resident.into()))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(Problem::bad("device: not together with resident")),
    }
}

/// The live connections, if they are ours to know.
fn ours(api: &Api) -> Result<&Connections, Problem> {
    let known = api.connections.as_deref();
    known.ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "MQTT clients are connected to another broker, which does not tell; ask it",
        )
    })
}

/// The connection with this id, for an operator who may see it.
async fn load(api: &Api, operator: &Operator, wanted: &str) -> Result<Connection, Problem> {
    let missing = || Problem::missing(WHAT);
    let number = number(wanted).ok_or_else(missing)?;
    let found = ours(api)?.find(number).await?;
    let found = found.filter(|found| id(&found.peer) == wanted);
    let found = found.ok_or_else(missing)?;
    operator.must_see(&found.community, WHAT)?;
    Ok(found)
}

/// Lists live MQTT connections, oldest first.
#[utoipa::path(get, path = "/v1/connections", tag = "connections", params(PageQuery, Of),
    responses((status = 200, body = Page<ConnectionReply>), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<PageQuery>,
    Asked(of): Asked<Of>,
) -> Result<Json<Page<ConnectionReply>>, Problem> {
    let limit = limit(query.limit)?;
    let bad = || Problem::bad("after: must be the next of a page");
    let after = query.after.map(|after| number(&after).ok_or_else(bad));
    let page = ConnectionPage {
        community: query.community.map(Into::into),
        filter: PeerFilter {
            whom: whom(of.device, of.resident)?,
            client_id: of.client,
        },
        after: after.transpose()?.unwrap_or(0),
        limit: limit + 1,
    };
    let found = ours(&api)?.list(&operator.0, page).await?;
    let replies = found.into_iter().map(ConnectionReply::new).collect();
    Ok(Json(Page::cut(
        replies,
        limit,
        |reply: &ConnectionReply| &reply.id,
    )))
}

/// Shows a live MQTT connection.
#[utoipa::path(get, path = "/v1/connections/{id}", tag = "connections",
    params(("id" = String, Path)),
    responses((status = 200, body = ConnectionReply), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<ConnectionReply>, Problem> {
    let found = load(&api, &operator, &id).await?;
    Ok(Json(ConnectionReply::new(found)))
}

/// Closes a connection. Managers of its community. The client may connect again, and its session
/// stays.
#[utoipa::path(delete, path = "/v1/connections/{id}", tag = "connections",
    params(("id" = String, Path)),
    responses((status = 204), Refusals))]
pub(crate) async fn close(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let found = load(&api, &operator, &id).await?;
    operator.must_manage(&found.community, WHAT)?;
    ours(&api)?.close(found.peer.number);
    Ok(StatusCode::NO_CONTENT)
}
