//! Keeping the connection: come what may, there is another try.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bus::Remote;
use metrics::gauge;
use rumqttc::mqttbytes::v5::ConnectReturnCode;
use rumqttc::{AsyncClient, ConnectionError, EventLoop, MqttOptions};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::conversation::{Conversation, Hearers};
use crate::inbound::Intake;
use crate::line::Line;
use crate::outbound::{ExternalBus, OUTGOING_MAX, Waiting, run_outcomes};
use crate::renewal::run_renewals;
use crate::security::{AccountList, Keeper, KeeperTask, Needs};
use crate::settings::Settings;

/// Pauses between tries: the first is short, because most outages are restarts.
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// How long leaving in order may take.
const GOODBYE: Duration = Duration::from_secs(1);

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
        let group = options.client_id();
        let share = |filter: &String| format!("$share/{group}/{filter}");
        let shared: Vec<String> = intake.filters().iter().map(share).collect();
        let needs = Needs {
            received: intake.filters(),
            shared: shared.clone(),
            spoken: intake.spoken(),
        };
        let (accounts, responses) = keeper.map(|keeper| keeper.split(needs)).unzip();
        let hearers = Hearers {
            intake,
            line: Arc::clone(&line),
            responses,
            shared,
        };
        let connecting = Connecting { hearers, options };
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
    hearers: Hearers<P>,
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
        let conversation = Conversation {
            of: &self.hearers,
            client: &client,
            is_refused: AtomicBool::new(false),
        };
        let talking = conversation.run(&mut events);
        let ended = stop.run_until_cancelled(talking).await;
        let was_open = self.hearers.line.close();
        gauge!("koumen_external_mqtt_connected").set(0.0);
        match ended {
            Some(error) => note_end(&error, was_open, was_open || is_news),
            None if was_open => leave(&client, events).await,
            None => {}
        }
        was_open
    }
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
