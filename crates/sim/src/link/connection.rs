//! A connection as its owner holds it: open, wait for messages, close.
//!
//! The client's event loop runs on a task of its own (`pump`) and hands messages over a bounded
//! channel; this side only waits, always for a bounded time.

use std::time::Duration;

use rumqttc::{
    AsyncClient, MqttOptions, NetworkOptions, QoS, SubscribeFilterInput, SubscribeNoticeError,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::pump::{self, Arrived, End};
use crate::error::SimError;
use crate::server::ServerAddress;

const CONNECT_WAIT: Duration = Duration::from_secs(5);
const DISCONNECT_WAIT: Duration = Duration::from_secs(5);
const KEEP_ALIVE_S: u16 = 30;
/// S0's messages stay below 2 kB; a system message may carry more.
const PACKET_BYTES_MAX: usize = 256 * 1024;
/// Messages that may wait for the owner; one more ends the connection.
const UNREAD_MAX: usize = 256;

/// Who connects.
pub(crate) struct SignIn<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
}

/// One connection. Dropping it closes the socket without a DISCONNECT.
pub(crate) struct Link {
    client: AsyncClient,
    arrived: mpsc::Receiver<Arrived>,
    pump: JoinSet<End>,
    end: Option<End>,
}

impl Link {
    /// Connects with a clean session and subscribes at QoS 1; returns after SUBACK.
    pub(crate) async fn open(
        server: &ServerAddress,
        sign_in: SignIn<'_>,
        topics: &[&str],
    ) -> Result<Link, SimError> {
        let mut link = Link::start(server, &sign_in)?;
        match timeout(CONNECT_WAIT, link.subscribe(topics)).await {
            Ok(subscribed) => subscribed.map(|()| link),
            Err(_) => Err(SimError::Disconnected {
                why: format!("no SUBACK in {CONNECT_WAIT:?}"),
            }),
        }
    }

    fn start(server: &ServerAddress, sign_in: &SignIn<'_>) -> Result<Link, SimError> {
        let broker = (server.mqtt_host.clone(), server.mqtt_port);
        let mut options = MqttOptions::new(sign_in.client_id, broker);
        options
            .set_credentials(sign_in.user, sign_in.password.to_owned())
            .set_keep_alive(KEEP_ALIVE_S)
            .set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX);
        let (client, mut events) =
            AsyncClient::builder(options)
                .try_build()
                .map_err(|error| SimError::Disconnected {
                    why: error.to_string(),
                })?;
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        events.set_network_options(network);

        let (sender, arrived) = mpsc::channel(UNREAD_MAX);
        let mut pump = JoinSet::new();
        pump.spawn(pump::run(events, sender));
        Ok(Link {
            client,
            arrived,
            pump,
            end: None,
        })
    }

    async fn subscribe(&mut self, topics: &[&str]) -> Result<(), SimError> {
        let filters = topics
            .iter()
            .map(|&topic| SubscribeFilterInput::new(topic, QoS::AtLeastOnce));
        let Ok(notice) = self.client.subscribe_many_tracked(filters).await else {
            return Err(self.ended().await);
        };
        // A request that the loop never took stays queued when the loop ends, and its notice with
        // it: so the end is watched as well.
        let completed = tokio::select! {
            biased;
            completed = notice.wait_completion_async() => completed,
            ended = self.pump.join_next() => {
                self.end = ended.and_then(Result::ok);
                return Err(self.ended().await);
            }
        };
        match completed {
            Ok(()) => Ok(()),
            Err(SubscribeNoticeError::V4SubAckFailure(_)) => Err(SimError::SubscriptionRefused),
            Err(_) => Err(self.ended().await),
        }
    }

    /// The next message on any subscribed topic, in the broker's order. Cancelling the wait loses
    /// no message.
    pub(crate) async fn next(&mut self, wait: Duration) -> Result<Arrived, SimError> {
        match timeout(wait, self.arrived.recv()).await {
            Ok(Some(arrived)) => Ok(arrived),
            Ok(None) => Err(self.ended().await),
            Err(_) => Err(SimError::Quiet(wait)),
        }
    }

    /// Says DISCONNECT and waits a bounded time for the socket to close.
    pub(crate) async fn close(mut self) {
        self.arrived.close();
        if self.client.disconnect().await.is_ok() {
            drop(timeout(DISCONNECT_WAIT, self.pump.join_next()).await);
        }
    }

    async fn ended(&mut self) -> SimError {
        if self.end.is_none() {
            self.end = self.pump.join_next().await.and_then(Result::ok);
        }
        match &self.end {
            Some(End::Refused { code }) => SimError::ConnectRefused { code: *code },
            Some(End::Lost { why }) => SimError::Disconnected { why: why.clone() },
            None => SimError::Disconnected {
                why: "the client's task failed".to_owned(),
            },
        }
    }
}
