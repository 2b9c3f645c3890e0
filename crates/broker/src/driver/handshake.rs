//! From an accepted stream to an attached link: CONNECT, authentication, will, client id, CONNACK
//! (MQTT 3.1.1 §3.1-3.2, MQTT 5 §3.1-3.2). A stranger can hold one bounded buffer for a bounded
//! time.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::alarm::Alarm;
use super::connection::{Attached, Connection};
use super::shared::{Home, Shared};
use super::{clock, socket};
use crate::core::{Entry, Turn};
use crate::hooks::{Connect, Refusal, WillView};
use crate::limits::Limits;
use crate::link::{Kick, Link, LinkId, Principal, Version};
use crate::wire::{self, Decoder, Fault, Opening};

/// Longest client id in bytes. It is a key in memory; real ones are far shorter.
const CLIENT_BYTES_MAX: usize = 256;

/// Return code for a protocol level that is not spoken [MQTT-3.1.2-2]. It goes out in the form of
/// 3.x, which every later version can read so far.
const UNKNOWN_LEVEL: u8 = 1;

/// Why there is no link.
enum Failure {
    /// The peer went, was too slow, or sent something that deserves no answer.
    Silent,
    /// CONNACK with this code.
    Answer(Version, u8),
}

/// Leads a stranger in. None: it was turned away and told so as far as MQTT has words for it.
pub(super) async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    shared: &Arc<Shared>,
    mut stream: S,
    peer: SocketAddr,
) -> Option<Connection<S>> {
    let mut inbox = BytesMut::new();
    match admit(shared, &mut stream, &mut inbox, peer).await {
        Ok((session, opening)) => Some(connection(stream, inbox, session, &opening)),
        Err(Failure::Silent) => None,
        Err(Failure::Answer(version, code)) => {
            let mut answer = BytesMut::new();
            wire::refusal(&mut answer, version, code);
            let last = async {
                stream.write_all(&answer).await?;
                stream.shutdown().await
            };
            if tokio::time::timeout(shared.limits.connect_wait, last)
                .await
                .is_err()
            {
                tracing::trace!(%peer, "a refused client did not take its answer");
            }
            None
        }
    }
}

async fn admit<S: AsyncRead + AsyncWrite + Unpin>(
    shared: &Arc<Shared>,
    stream: &mut S,
    inbox: &mut BytesMut,
    peer: SocketAddr,
) -> Result<(Attached, Opening), Failure> {
    let limits = &shared.limits;
    let connect = read_connect(stream, inbox, limits.connect_bytes_max);
    let mut opening = match tokio::time::timeout(limits.connect_wait, connect).await {
        Ok(opening) => opening?,
        Err(_) => return Err(Failure::Silent),
    };
    let version = opening.version;
    match opening.fault {
        Some(Fault(code)) if version == Version::V5 => return Err(Failure::Answer(version, code)),
        Some(_) => return Err(Failure::Silent),
        None => {}
    }
    let refused = |refusal| Failure::Answer(version, wire::refusal_code(refusal, version));
    let id = shared.next_link();
    let client = client_id(&opening, id).map_err(refused)?;
    let principal = authenticate(shared, &opening, peer)
        .await
        .map_err(refused)?;
    let link = Link {
        id,
        subject: principal.subject,
        client,
        tag: principal.tag,
        version,
        clean: opening.clean,
    };
    attach(shared, link, &mut opening)
        .map(|session| (session, opening))
        .map_err(refused)
}

async fn read_connect<S: AsyncRead + Unpin>(
    stream: &mut S,
    inbox: &mut BytesMut,
    bytes_max: u32,
) -> Result<Opening, Failure> {
    loop {
        match wire::decode_connect(inbox, bytes_max) {
            Ok(Some(opening)) => return Ok(opening),
            Ok(None) => {}
            Err(fault) => {
                tracing::debug!(?fault, "not a CONNECT");
                return Err(if fault == Fault::VERSION {
                    Failure::Answer(Version::V311, UNKNOWN_LEVEL)
                } else {
                    Failure::Silent
                });
            }
        }
        let read = poll_fn(|cx| socket::poll_read(stream, cx, inbox)).await;
        if read.is_ok_and(|bytes| bytes > 0) {
            continue;
        }
        return Err(Failure::Silent);
    }
}

/// The client's own id, or one of ours. Ours is unique in this process and lives in the subject's
/// own name space, so it need not be a secret.
fn client_id(opening: &Opening, link: LinkId) -> Result<Arc<str>, Refusal> {
    let wanted = &*opening.client;
    let is_kept = !opening.clean && opening.version != Version::V5;
    if wanted.is_empty() {
        if opening.version == Version::V31 || is_kept {
            return Err(Refusal::BadClientId);
        }
        return Ok(Arc::from(format!("auto-{}", link.0)));
    }
    if wanted.len() > CLIENT_BYTES_MAX || wanted.contains('\0') {
        return Err(Refusal::BadClientId);
    }
    Ok(Arc::from(wanted))
}

async fn authenticate(
    shared: &Shared,
    opening: &Opening,
    peer: SocketAddr,
) -> Result<Principal, Refusal> {
    let connect = Connect {
        client_id: &opening.client,
        username: opening.username.as_deref(),
        password: opening.password.as_deref(),
        peer,
        version: opening.version,
        will: opening.will.as_ref().map(|will| WillView {
            topic: &will.topic,
            qos: will.qos,
            retain: will.retain,
            payload: &will.payload,
        }),
        clean: opening.clean,
    };
    let answer = shared.hooks.authenticate(connect);
    match tokio::time::timeout(shared.limits.authenticate_wait, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(Refusal::Busy),
    }
}

fn attach(shared: &Arc<Shared>, link: Link, opening: &mut Opening) -> Result<Attached, Refusal> {
    let will = opening.will.take();
    if let Some(will) = &will
        && !shared.hooks.allow_publish(&link, &will.topic, will.retain)
    {
        return Err(Refusal::NotAuthorized);
    }
    // The rights may have changed while the session was without a link.
    let (resumed, denied): (Vec<_>, Vec<_>) = shared
        .step(|core, _, _| core.filters_of(&link))
        .into_iter()
        .partition(|filter| shared.hooks.allow_subscribe(&link, filter));
    let entry = Entry {
        link: link.clone(),
        life_secs: opening.life_secs,
        window: opening.window,
        packet_bytes_max: opening.packet_bytes_max,
        aliases_max: opening.aliases_max,
        will,
        assigned: opening.client.is_empty(),
        keep_alive: server_keep_alive(opening, &shared.limits),
        denied,
    };
    shared.step(|core, now, fx| core.attach(entry, now, fx))?;
    let home = Arc::new(Home {
        shared: Arc::downgrade(shared),
        link: link.id,
    });
    if !shared.hooks.on_connected(&link) {
        shared.step(|core, now, fx| core.kick(&Kick::Link(link.id), now, fx));
    } else if !resumed.is_empty() {
        shared.hooks.on_subscribed(&link, &resumed);
    }
    Ok(Attached {
        shared: Arc::clone(shared),
        link,
        home,
        is_told: false,
    })
}

/// Some if the broker wants another keep-alive than the client.
fn server_keep_alive(opening: &Opening, limits: &Limits) -> Option<u16> {
    let max = limits.keep_alive_max;
    let is_longer = opening.keep_alive == 0 || opening.keep_alive > max;
    (opening.version == Version::V5 && max < u16::MAX && is_longer).then_some(max)
}

fn connection<S>(
    stream: S,
    inbox: BytesMut,
    session: Attached,
    opening: &Opening,
) -> Connection<S> {
    let limits = &session.shared.limits;
    let secs = server_keep_alive(opening, limits).unwrap_or(opening.keep_alive);
    let (bytes_max, aliases_max) = (limits.packet_bytes_max, limits.topic_aliases_max);
    let decoder = Decoder::new(opening.version, bytes_max, aliases_max);
    Connection {
        stream,
        decoder,
        leftover: !inbox.is_empty(),
        inbox: if inbox.is_empty() {
            BytesMut::new()
        } else {
            inbox
        },
        outbox: BytesMut::new(),
        wrote: 0,
        unflushed: false,
        silence_max: (secs > 0).then(|| Duration::from_millis(u64::from(secs) * 1500)),
        heard: clock::now(),
        stalled: None,
        turn: Turn {
            closing: None,
            reading: true,
            confirm: false,
            granted: false,
            deadline: None,
        },
        alarm: Alarm::new(),
        session,
    }
}
