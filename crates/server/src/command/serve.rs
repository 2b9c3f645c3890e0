//! `koumen serve`: run until told to stop.

use std::net::SocketAddr;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::command::{Settings, logs};
use crate::house::House;
use crate::say;

pub(super) const EXAMPLES: &str = "Examples:
  koumen serve
  koumen serve --data /var/lib/koumen --http 127.0.0.1:8080
  KOUMEN__CALLS__RING_S=45 koumen serve --config koumen.toml";

#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    settings: Settings,
    /// Where HTTP listens, over the configuration's; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    http: Option<SocketAddr>,
    /// Where MQTT listens, over the configuration's; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    mqtt: Option<SocketAddr>,
}

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        logs::start("info");
        let mut config = self.settings.load()?;
        config.http.listen = self.http.unwrap_or(config.http.listen);
        config.mqtt.listen = self.mqtt.unwrap_or(config.mqtt.listen);
        let stop = CancellationToken::new();
        let house = House::start(&config, stop.clone()).await?;
        say::line(&format!("http {}", house.http));
        say::line(&format!("mqtt {}", house.mqtt));
        say::line("ready");
        stop_on_signal(&stop).await?;
        house.stopped().await
    }
}

/// Raises `stop` at SIGINT or SIGTERM, or returns when something else raised it.
pub(super) async fn stop_on_signal(stop: &CancellationToken) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        () = stop.cancelled() => {}
        _ = interrupt.recv() => stop.cancel(),
        _ = terminate.recv() => stop.cancel(),
    }
    Ok(())
}
