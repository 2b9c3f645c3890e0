//! Keeping the connection: come what may, there is another try.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bus::Remote;
use metrics::{counter, gauge};
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v5::{ConnAck, ConnectReturnCode, PubAckReason, SubscribeReasonCode};
use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, Packet, PublishOptions,
};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::inbound::Intake;
use crate::lack::{Lack, forget_all, lacks, tell};
use crate::line::{Line, Open};
use crate::outbound::{ExternalBus, OUTGOING_MAX, Waiting, run_outcomes};
use crate::renewal::run_renewals;
use crate::security::{AccountList, Keeper, KeeperTask, RESPONSES, Responses};
use crate::settings::Settings;

/// Pauses between tries: the first is short, because most outages are restarts.
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// How long leaving in order may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// Where nobody listens, and everyone who may tell parties of calls may publish.
const PROBE: &str = "users/0/koumen-probe";

/// Why there can be no connection to begin with.
#[derive(Debug, thiserror::Error)]
#[error("the authorities that may vouch for the broker cannot be read: {0}")]
pub struct SettingsFault(rumqttc::TlsError);

/// The two ends of the way to a broker.
pub struct External {
    /// Speaks through it.
    pub bus: ExternalBus,
    /// Keeps it open.
    pub link: Link,
}

/// Keeps the connection to a broker, once it runs.
pub struct Link {
    line: Arc<Line>,
    options: MqttOptions,
    outcomes: mpsc::Receiver<Waiting>,
}

impl External {
    /// Prepares the way; nothing is connected before [`Link::run`].
    pub fn new(settings: &Settings) -> Result<Self, SettingsFault> {
        let options = settings.options().map_err(SettingsFault)?;
        let line = Arc::new(Line::default());
        let (bus, outcomes) = ExternalBus::new(Arc::clone(&line));
        let link = Link {
            line,
            options,
            outcomes,
        };
        Ok(Self { bus, link })
    }
}

impl Link {
    /// A keeper for the accounts in `list` at the broker, where our own account is `own_name`.
    pub fn keeper(&self, list: Arc<dyn AccountList>, own_name: String) -> (Keeper, KeeperTask) {
        let name = self.options.client_id();
        KeeperTask::new(&self.line, list, own_name, name)
    }

    /// Connects, and connects again, until stopped. Lets `keeper` keep the accounts, if there is one.
    pub async fn run<P: 'static>(
        self,
        remotes: Vec<Arc<dyn Remote<P>>>,
        keeper: Option<KeeperTask>,
        stop: CancellationToken,
    ) {
        let Self {
            line,
            options,
            outcomes,
        } = self;
        let intake = Arc::new(Intake::new(Arc::clone(&line), remotes.clone()));
        let filters = intake.filters();
        let group = options.client_id();
        let shared = filters.iter().map(|one| shared(&group, one)).collect();
        let (accounts, responses) = keeper.map(|keeper| keeper.split(filters, shared)).unzip();
        let connecting = Connecting {
            intake,
            line: Arc::clone(&line),
            responses,
            options,
        };
        let keeping = async {
            match accounts {
                Some(accounts) => accounts.run().await,
                None => std::future::pending().await,
            }
        };
        tokio::join!(
            connecting.run(&stop),
            stop.run_until_cancelled(async {
                tokio::join!(run_outcomes(outcomes), run_renewals(line, remotes), keeping)
            }),
        );
    }
}

struct Connecting<P> {
    line: Arc<Line>,
    intake: Arc<Intake<P>>,
    responses: Option<Responses>,
    options: MqttOptions,
}

impl<P: 'static> Connecting<P> {
    async fn run(&self, stop: &CancellationToken) {
        let mut pause = PAUSE_MIN;
        while !stop.is_cancelled() {
            let is_news = pause == PAUSE_MIN;
            if self.connect_once(stop, is_news).await {
                pause = PAUSE_MIN;
            }
            stop.run_until_cancelled(sleep(pause)).await;
            pause = (2 * pause).min(PAUSE_MAX);
        }
    }

    /// One connection, from the first try to its end; true if it was open.
    async fn connect_once(&self, stop: &CancellationToken, is_news: bool) -> bool {
        let builder = AsyncClient::builder(self.options.clone());
        let (client, mut events) = builder.capacity(2 * OUTGOING_MAX).build();
        let talking = Talking {
            of: self,
            client: &client,
            is_refused: AtomicBool::new(false),
        };
        let ended = stop.run_until_cancelled(talking.run(&mut events)).await;
        let was_open = self.line.close();
        gauge!("koumen_external_mqtt_connected").set(0.0);
        match ended {
            Some(error) => note_end(&error, was_open, was_open || is_news),
            None if was_open => leave(&client, events).await,
            None => {}
        }
        was_open
    }
}

/// One connection. Whatever is called from here returns at once.
struct Talking<'a, P> {
    of: &'a Connecting<P>,
    client: &'a AsyncClient,
    /// Whether a message was refused.
    is_refused: AtomicBool,
}

impl<P: 'static> Talking<'_, P> {
    async fn run(&self, events: &mut EventLoop) -> ConnectionError {
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(said))) => {
                    // Only resuming needs it; it costs a copy of all that is in flight per packet.
                    events.options.clear_session_store();
                    self.begin(&said);
                }
                Ok(Event::Incoming(packet)) => self.take(packet),
                Ok(Event::Outgoing(_) | Event::Auth(_)) => {}
                Err(error) => return error,
            }
        }
    }

    fn begin(&self, said: &ConnAck) {
        let has_session = said.session_present;
        tracing::info!(has_session, "connected to the MQTT broker");
        let lacks = lacks(said.properties.as_ref());
        forget_all();
        lacks.iter().copied().for_each(tell);
        let qos = if lacks.contains(&Lack::Acknowledgement) {
            QoS::AtMostOnce
        } else {
            QoS::AtLeastOnce
        };
        self.subscribe(!lacks.contains(&Lack::Sharing), qos);
        self.of.line.open(Open {
            client: self.client.clone(),
            qos,
        });
        gauge!("koumen_external_mqtt_connected").set(1.0);
        counter!("koumen_external_mqtt_connects_total").increment(1);
        self.probe(qos);
    }

    /// Also where the session is still there: a subscription is only renewed by it.
    fn subscribe(&self, shares: bool, qos: QoS) {
        let mut filters = self.of.intake.filters();
        if shares {
            let group = self.of.options.client_id();
            filters = filters
                .into_iter()
                .map(|filter| shared(&group, &filter))
                .collect();
        }
        if self.of.responses.is_some() {
            filters.push(RESPONSES.to_owned());
        }
        for filter in filters {
            if self.client.try_subscribe(filter, qos).is_err() {
                tracing::error!("a subscription could not be asked for");
            }
        }
    }

    /// A message to nobody; its acknowledgement says whether we may publish.
    fn probe(&self, qos: QoS) {
        let options = PublishOptions::new(qos);
        if self.client.try_publish(PROBE, Vec::new(), options).is_err() {
            tracing::warn!("the MQTT broker could not be asked whether we may publish");
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the client sees to all other packets"
    )]
    fn take(&self, packet: Packet) {
        match packet {
            Packet::Publish(publish) => match &self.of.responses {
                Some(responses) if publish.topic == RESPONSES.as_bytes() => {
                    responses.take(publish.payload.clone());
                    self.of.intake.acknowledge(&publish);
                }
                _ => self.of.intake.take(publish),
            },
            Packet::SubAck(said) => {
                let is_granted =
                    |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
                if !said.return_codes.iter().all(is_granted) {
                    tell(Lack::Subscribing);
                }
            }
            Packet::PubAck(said) => {
                let is_refused = said.reason == PubAckReason::NotAuthorized;
                if is_refused && !self.is_refused.swap(true, Ordering::Relaxed) {
                    tell(Lack::Publishing);
                }
            }
            Packet::Disconnect(said) => {
                tracing::warn!(reason = ?said.reason_code, "the MQTT broker closes our connection");
            }
            _ => {}
        }
    }
}

/// What doors publish is shared by those who are the same server.
fn shared(group: &str, filter: &str) -> String {
    format!("$share/{group}/{filter}")
}

/// An outage is told once, when it begins.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what has no advice of its own is told as it is"
)]
fn note_end(error: &ConnectionError, was_open: bool, is_news: bool) {
    match error {
        error if !is_news => tracing::debug!(%error, "the MQTT broker is still away"),
        ConnectionError::ConnectionRefused(ConnectReturnCode::UnsupportedProtocolVersion) => {
            tracing::error!("the MQTT broker does not speak MQTT 5, which is needed");
        }
        ConnectionError::ConnectionRefused(code) => {
            tracing::error!(?code, "the MQTT broker refuses us");
        }
        ConnectionError::Tls(error) => {
            tracing::error!(%error, "the MQTT broker cannot be trusted");
        }
        error if was_open => tracing::warn!(%error, "the MQTT broker is gone"),
        error => tracing::warn!(%error, "the MQTT broker cannot be reached"),
    }
}

async fn leave(client: &AsyncClient, mut events: EventLoop) {
    if client.try_disconnect().is_ok() {
        let ended = async { while events.poll().await.is_ok() {} };
        drop(timeout(GOODBYE, ended).await);
    }
}
