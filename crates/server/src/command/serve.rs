//! `koumen serve`: run until told to stop.

use clap::{Args, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::command::{Settings, logs};
use crate::house::House;
use crate::listen::Listen;
use crate::machine::raise_files;
use crate::say;

pub(super) const EXAMPLES: &str = "Examples:
  koumen serve
  koumen serve --tls self-signed
  koumen serve --data /var/lib/koumen --http 127.0.0.1:8080
  KOUMEN__CALLS__RING_S=45 koumen serve --config koumen.toml";

#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    settings: Settings,
    /// Where HTTP listens, over the configuration's; port 0 takes a free one, `off` none.
    #[arg(long, value_name = "ADDRESS")]
    http: Option<Listen>,
    /// Where MQTT listens, over the configuration's; port 0 takes a free one, `off` none.
    #[arg(long, value_name = "ADDRESS")]
    mqtt: Option<Listen>,
    /// Open HTTPS and MQTT over TLS with a certificate that the server makes itself.
    #[arg(long, value_name = "HOW")]
    tls: Option<TlsChoice>,
}

/// Where the certificate comes from, if not from the settings.
#[derive(Clone, Copy, ValueEnum)]
enum TlsChoice {
    /// Made once in the data folder, for localhost, this machine's name and where it listens.
    SelfSigned,
}

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        logs::start("info");
        match raise_files() {
            Ok(files) => tracing::debug!(files, "open files"),
            Err(error) => tracing::warn!(%error, "the limit on open files stays"),
        }
        let mut config = self.settings.load()?;
        config.http.listen = self.http.unwrap_or(config.http.listen);
        config.mqtt.listen = self.mqtt.unwrap_or(config.mqtt.listen);
        config.tls.is_self_signed = matches!(self.tls, Some(TlsChoice::SelfSigned));
        let stop = CancellationToken::new();
        let house = House::start(&config, stop.clone()).await?;
        introduce(&house);
        stop_on_signal(&stop).await?;
        house.stopped().await
    }
}

/// Says where everything listens, a line each; programs that start us read this.
fn introduce(house: &House) {
    let at = &house.at;
    for (name, address) in [
        ("http", at.http),
        ("mqtt", at.mqtt),
        ("https", at.https),
        ("mqtts", at.mqtts),
    ] {
        if let Some(address) = address {
            say::line(&format!("{name} {address}"));
        }
    }
    for (name, address) in &house.boxes_at {
        say::line(&format!("{name} {address}"));
    }
    if let Some(fingerprint) = &house.fingerprint {
        say::line(&format!("certificate sha256 {fingerprint}"));
    }
    say::line("ready");
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
