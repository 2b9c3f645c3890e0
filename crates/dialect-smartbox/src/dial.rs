//! Calling a registered peer: a connection of its own for each leg. Source: S3, "交互过程".

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use app::directory::{BoxedDevice, Peer};
use app::port::BoxFuture;
use engine::call::{Actor, Call, Gone, Input};
use engine::id::{CallId, EndpointId, Hand};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::dialect::Smartbox;
use crate::link::{Conversation, Known, Role};
use crate::settings::Place;

/// How long a peer may take to take a connection: within a building it is there or it is not.
const CONNECT: Duration = Duration::from_secs(3);

impl Smartbox {
    /// Calls the endpoint for its leg of the call, if it is a registered peer with an open leg that
    /// nobody calls yet.
    pub(crate) fn call_peer(&self, call: &Arc<Call>, endpoint: &EndpointId) {
        let call = self.ports().calls.newest(call);
        let is_open = call
            .find_leg(endpoint)
            .is_some_and(|leg| call.legs[leg.0].is_open());
        let peers = self.ports().peers.peers();
        let Some(device) = peers.find_by_endpoint(endpoint).filter(|_| is_open) else {
            return;
        };
        let Some(peer) = device.device.kind.peer() else {
            return;
        };
        if self.registry().begin(&call.id, endpoint) {
            let leg = CalledLeg {
                call: call.id.clone(),
                known: Known {
                    device: Arc::clone(device),
                    turns: peers.turns(&device.device.id),
                },
                peer,
                place: self.place_of(device, peers.find_by_endpoint(&call.caller)),
            };
            let calling: BoxFuture<'static, ()> = Box::pin(self.clone().run_leg(leg));
            drop(self.ports().tasks.detach(calling));
        }
    }

    /// Calls, and stays until the connection is gone. A leg that was offered anew meanwhile is called
    /// again.
    async fn run_leg(self, leg: CalledLeg) {
        let (call, device) = (leg.call.clone(), Arc::clone(&leg.known.device));
        let endpoint = device.device.endpoint();
        let source = self.ports().settings.find_source(leg.place);
        match connect(SocketAddr::new(leg.peer.ip, leg.peer.port), source).await {
            Ok(stream) => {
                let role = Role::Callee(leg.call);
                Conversation::new(&self, stream, leg.place, role, Some(leg.known))
                    .run()
                    .await;
            }
            Err(error) => {
                tracing::info!(device = %device.device.id, %error, "a peer cannot be called");
                self.give_up(&call, &device).await;
            }
        }
        self.registry().finish(&call, &endpoint);
        if let Ok(Some(call)) = self.ports().calls.find(&call).await {
            self.call_peer(&call, &endpoint);
        }
    }

    /// The network through which a peer is called: that of its own flat's box, or of the caller's.
    fn place_of(&self, device: &BoxedDevice, caller: Option<&Arc<BoxedDevice>>) -> Place {
        let settings = &self.ports().settings;
        let own = device.flat_number.as_deref();
        let number = own.or_else(|| caller?.flat_number.as_deref());
        let no = settings.find_box_of(number);
        let any = (number.is_none() && !settings.boxes.is_empty()).then_some(0);
        no.or(any).map_or(Place::Centre, Place::Community)
    }

    async fn give_up(&self, call: &CallId, device: &BoxedDevice) {
        let by = Actor {
            endpoint: device.device.endpoint(),
            hand: Hand::from(device.device.id.as_str()),
        };
        let (call, gone) = (call.clone(), Gone::Unreachable);
        let given_up = self.ports().calls.handle(Input::GiveUp { call, by, gone });
        if let Err(failure) = given_up.await {
            tracing::warn!(%failure, "a call could not be told that a peer is out of reach");
        }
    }
}

/// A leg that is called on a connection of its own.
struct CalledLeg {
    call: CallId,
    known: Known,
    peer: Peer,
    place: Place,
}

async fn connect(to: SocketAddr, from: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = match to {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    if let Some(from) = from.filter(|from| from.is_ipv4() == to.is_ipv4()) {
        socket.bind(SocketAddr::new(from, 0))?;
    }
    let stream = timeout(CONNECT, socket.connect(to)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}
