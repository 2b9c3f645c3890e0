//! Who comes in: at a home network anybody, who must join; at the community's registered peers,
//! known by their address.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use app::seats::{Most, Seats};
use metrics::counter;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::dialect::Smartbox;
use crate::link::{Conversation, Known, Role};
use crate::settings::{Place, Settings};

/// Connections at all listeners together; more wait to be accepted.
const LINKS_MAX: usize = 8192;

/// Connections from one address, however many devices are behind it; loopback is not counted.
const PER_ADDRESS_MAX: usize = 64;

/// The limits that a connection takes from.
type Held = (Arc<Semaphore>, Arc<Seats<IpAddr>>);

/// Pause after a failed accept, which mostly means no free file descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The listeners of the settings, bound.
pub struct Listeners {
    bound: Vec<(Place, TcpListener)>,
}

/// A listener that could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen at {address}")]
pub struct BindFault {
    /// Where.
    pub address: SocketAddr,
    /// Why not.
    pub source: io::Error,
}

impl Listeners {
    /// Binds what the settings ask for, and writes the ports that were taken into them.
    pub async fn bind(settings: &mut Settings) -> Result<Self, BindFault> {
        let mut bound = Vec::new();
        for (no, own) in settings.boxes.iter_mut().enumerate() {
            bind(&mut own.home, Place::Home(no), &mut bound).await?;
            bind(&mut own.community, Place::Community(no), &mut bound).await?;
        }
        bind(&mut settings.centre, Place::Centre, &mut bound).await?;
        Ok(Self { bound })
    }
}

async fn bind(
    asked: &mut Option<SocketAddr>,
    place: Place,
    bound: &mut Vec<(Place, TcpListener)>,
) -> Result<(), BindFault> {
    let Some(address) = *asked else { return Ok(()) };
    let fault = |source| BindFault { address, source };
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    *asked = Some(listener.local_addr().map_err(fault)?);
    bound.push((place, listener));
    Ok(())
}

impl Smartbox {
    /// Takes connections until stopped.
    pub fn serve(&self, listeners: Listeners) {
        let room = Arc::new(Semaphore::new(LINKS_MAX));
        let seats = Arc::new(Seats::new(Most {
            each: PER_ADDRESS_MAX,
            all: LINKS_MAX,
        }));
        for (place, listener) in listeners.bound {
            let held = (Arc::clone(&room), Arc::clone(&seats));
            let serving = self.clone().accept(place, listener, held);
            self.ports().tasks.spawn("smartbox listener", serving);
        }
    }

    async fn accept(self, place: Place, listener: TcpListener, (room, seats): Held) {
        let stop = self.ports().tasks.stop().clone();
        loop {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
                return;
            };
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            let (stream, from) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let from = from.ip().to_canonical();
            let Ok(seat) = (!from.is_loopback()).then(|| seats.take(from)).transpose() else {
                counter!("koumen_smartbox_dropped_total", "why" => "too_many_links").increment(1);
                continue;
            };
            if let Some(conversation) = self.admit(place, stream, from) {
                drop(self.ports().tasks.detach(async move {
                    conversation.run().await;
                    drop((permit, seat));
                }));
            }
        }
    }

    fn admit(&self, place: Place, stream: TcpStream, from: IpAddr) -> Option<Conversation> {
        stream.set_nodelay(true).ok()?;
        if let Place::Home(_) = place {
            return Some(Conversation::new(self, stream, place, Role::Stranger, None));
        }
        let peers = self.ports().peers.peers();
        let Some(device) = peers.find_by_ip(from) else {
            counter!("koumen_smartbox_dropped_total", "why" => "unknown_peer").increment(1);
            tracing::debug!(%from, "an unregistered peer was turned away");
            return None;
        };
        let known = Known {
            device: Arc::clone(device),
            turns: peers.turns(&device.device.id),
        };
        let role = Role::Caller;
        Some(Conversation::new(self, stream, place, role, Some(known)))
    }
}
