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
use crate::hooks::{Connect, Refusal, Stranger, TurnedAway, WillView};
use crate::limits::Limits;
use crate::link::{Kick, Link, LinkId, Principal, Version};
use crate::wire::{self, Decoder, Fault, Opening};

/// Longest client id in bytes. It is a key in memory; real ones are far shorter.
const CLIENT_BYTES_MAX: usize = 256;

/// Return code for a protocol level that is not spoken [MQTT-3.1.2-2]. It goes out in the form of
/// 3.x, which every later version can read so far.
const UNKNOWN_LEVEL: u8 = 1;

/// A version and the code of a CONNACK in its form.
type Answer = (Version, u8);

/// Why there is no link.
struct Failure {
    /// None: the peer went, or the hooks said no themselves.
    why: Option<TurnedAway>,
    /// None: it deserves no answer, or will not hear one.
    answer: Option<Answer>,
}

impl Failure {
    const GONE: Failure = Failure {
        why: None,
        answer: None,
    };

    fn silent(why: TurnedAway) -> Failure {
        Failure {
            why: Some(why),
            answer: None,
        }
    }

    fn refused(why: Option<TurnedAway>, refusal: Refusal, version: Version) -> Failure {
        let answer = Some((version, wire::refusal_code(refusal, version)));
        Failure { why, answer }
    }

    /// CONNECT is well formed and cannot be served. 3.x has no words for that.
    fn unfit(fault: Fault, version: Version) -> Failure {
        let why = if fault == Fault::BAD_METHOD {
            TurnedAway::Method
        } else {
            TurnedAway::Malformed
        };
        Failure {
            why: Some(why),
            answer: (version == Version::V5).then_some((version, fault.0)),
        }
    }

    /// Tells the hooks; returns what the client is told.
    fn tell(self, shared: &Shared, who: Option<Stranger<'_>>) -> Option<Answer> {
        if let Some(why) = self.why {
            shared.hooks.on_turned_away(who, why);
        }
        self.answer
    }
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
        Err(None) => None,
        Err(Some((version, code))) => {
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
) -> Result<(Attached, Opening), Option<Answer>> {
    let limits = &shared.limits;
    let connect = read_connect(stream, inbox, limits.connect_bytes_max);
    let read = tokio::time::timeout(limits.connect_wait, connect).await;
    let mut opening = read
        .unwrap_or(Err(Failure::silent(TurnedAway::Silent)))
        .map_err(|failure| failure.tell(shared, None))?;
    match seat(shared, &mut opening, peer).await {
        Ok(session) => Ok((session, opening)),
        Err(failure) => {
            let who = Stranger {
                client_id: &opening.client,
                username: opening.username.as_deref(),
                peer,
            };
            Err(failure.tell(shared, Some(who)))
        }
    }
}

async fn seat(
    shared: &Arc<Shared>,
    opening: &mut Opening,
    peer: SocketAddr,
) -> Result<Attached, Failure> {
    let version = opening.version;
    if let Some(fault) = opening.fault {
        return Err(Failure::unfit(fault, version));
    }
    let id = shared.next_link();
    let client = client_id(opening, id)?;
    let principal = authenticate(shared, opening, peer).await?;
    let link = Link {
        id,
        subject: principal.subject,
        client,
        tag: principal.tag,
        version,
        clean: opening.clean,
        peer,
    };
    attach(shared, link, opening)
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
                    Failure {
                        why: Some(TurnedAway::Version),
                        answer: Some((Version::V311, UNKNOWN_LEVEL)),
                    }
                } else {
                    Failure::silent(TurnedAway::Malformed)
                });
            }
        }
        let read = poll_fn(|cx| socket::poll_read(stream, cx, inbox)).await;
        if read.is_ok_and(|bytes| bytes > 0) {
            continue;
        }
        return Err(Failure::GONE);
    }
}

/// The client's own id, or one of ours. Ours is unique in this process and lives in the subject's
/// own name space, so it need not be a secret.
fn client_id(opening: &Opening, link: LinkId) -> Result<Arc<str>, Failure> {
    let why = Some(TurnedAway::ClientId);
    let refused = || Failure::refused(why, Refusal::BadClientId, opening.version);
    let wanted = &*opening.client;
    let is_kept = !opening.clean && opening.version != Version::V5;
    if wanted.is_empty() {
        if opening.version == Version::V31 || is_kept {
            return Err(refused());
        }
        return Ok(Arc::from(format!("auto-{}", link.0)));
    }
    if wanted.len() > CLIENT_BYTES_MAX || wanted.contains('\0') {
        return Err(refused());
    }
    Ok(Arc::from(wanted))
}

async fn authenticate(
    shared: &Shared,
    opening: &Opening,
    peer: SocketAddr,
) -> Result<Principal, Failure> {
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
    let (refusal, why) = match tokio::time::timeout(shared.limits.authenticate_wait, answer).await {
        Ok(Ok(principal)) => return Ok(principal),
        Ok(Err(refusal)) => (refusal, None),
        Err(_) => (Refusal::Busy, Some(TurnedAway::Unchecked)),
    };
    Err(Failure::refused(why, refusal, opening.version))
}

fn attach(shared: &Arc<Shared>, link: Link, opening: &mut Opening) -> Result<Attached, Failure> {
    let will = opening.will.take();
    if let Some(will) = &will
        && !shared.hooks.allow_publish(&link, &will.topic, will.retain)
    {
        return Err(Failure::refused(None, Refusal::NotAuthorized, link.version));
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
    let too_many = |refusal| Failure::refused(Some(TurnedAway::TooMany), refusal, link.version);
    shared
        .step(|core, now, fx| core.attach(entry, now, fx))
        .map_err(too_many)?;
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
