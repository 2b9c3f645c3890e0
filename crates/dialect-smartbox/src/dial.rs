//! Calling a registered peer: a connection of its own for each leg. Source: S3, "交互过程".

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use app::directory::{BoxedDevice, Peer};
use engine::call::{Actor, Call, Gone, Input};
use engine::id::{CallId, EndpointId, Hand};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::dialect::Smartbox;
use crate::link::{Conversation, Role};
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
            let calling = self
                .clone()
                .run_leg(call.id.clone(), Arc::clone(device), peer);
            drop(self.ports().tasks.detach(calling));
        }
    }

    async fn run_leg(self, call: CallId, device: Arc<BoxedDevice>, peer: Peer) {
        let place = self.place_of(&device);
        let source = self.ports().settings.find_source(place);
        match connect(SocketAddr::new(peer.ip, peer.port), source).await {
            Ok(stream) => {
                let role = Role::Callee(call);
                Conversation::new(&self, stream, place, role, Some(device))
                    .run()
                    .await;
            }
            Err(error) => {
                tracing::info!(device = %device.device.id, %error, "a peer cannot be called");
                self.give_up(call, &device).await;
            }
        }
    }

    /// The network through which a peer is called.
    fn place_of(&self, device: &BoxedDevice) -> Place {
        let settings = &self.ports().settings;
        let number = device.flat_number.as_deref();
        settings
            .find_box_of(number)
            .map_or(Place::Centre, Place::Community)
    }

    async fn give_up(&self, call: CallId, device: &BoxedDevice) {
        let endpoint = device.device.endpoint();
        self.registry().finish(&call, &endpoint);
        let by = Actor {
            endpoint,
            hand: Hand::from(device.device.id.as_str()),
        };
        let gone = Gone::Unreachable;
        let given_up = self.ports().calls.handle(Input::GiveUp { call, by, gone });
        if let Err(failure) = given_up.await {
            tracing::warn!(%failure, "a call could not be told that a peer is out of reach");
        }
    }
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
