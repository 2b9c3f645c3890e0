//! The four listeners: HTTP and MQTT, plain and by TLS. Bound early, served last.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use app::task::Tasks;
use axum::Router;
use broker::Broker;
use bus_external::Address;
use dialect_ilock::BrokerAddress;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{self, Config, TlsFiles};
use crate::edge::{
    Guard, HttpFront, Peers, Tls, http_turnstile, run_reload, serve_http, serve_mqtt, serve_mqtts,
};
use crate::listen::Addresses;
use crate::machine::{fingerprint, keep_self_signed, wall_ms};

/// Listeners that are bound but serve nobody yet.
pub(crate) struct Listeners {
    http: Option<TcpListener>,
    https: Option<TcpListener>,
    mqtt: Option<TcpListener>,
    mqtts: Option<TcpListener>,
    tls: Option<Arc<Tls>>,
    /// SHA-256 of the certificate, if we made it.
    pub(crate) fingerprint: Option<String>,
}

impl Listeners {
    /// Binds what the settings ask for and reads the certificate, which is made first if it is to
    /// be self-signed. The caller holds the data folder's lock.
    pub(crate) fn bind(config: &Config, folder: &Path) -> anyhow::Result<Self> {
        let asked = config.addresses()?;
        let files = config.tls.files(folder)?;
        let mut fingerprint = None;
        if let Some(files) = files.as_ref().filter(|_| config.tls.is_self_signed) {
            fingerprint = Some(make_certificate(files, &asked)?);
        }
        let tls = files.map(Tls::load).transpose()?.map(Arc::new);
        Ok(Self {
            mqtt: listen(asked.mqtt, "MQTT")?,
            mqtts: listen(asked.mqtts, "MQTT over TLS")?,
            http: listen(asked.http, "HTTP")?,
            https: listen(asked.https, "HTTPS")?,
            tls,
            fingerprint,
        })
    }

    /// Where they listen.
    pub(crate) fn addresses(&self) -> anyhow::Result<Addresses> {
        let at = |listener: &Option<TcpListener>| {
            let address = listener.as_ref().map(TcpListener::local_addr);
            address.transpose()
        };
        Ok(Addresses {
            http: at(&self.http)?,
            https: at(&self.https)?,
            mqtt: at(&self.mqtt)?,
            mqtts: at(&self.mqtts)?,
        })
    }

    /// Lets everybody in. Without a broker of ours nobody listens for MQTT.
    pub(crate) fn serve(
        mut self,
        router: &Router,
        broker: Option<&Broker>,
        settings: &config::Http,
        tasks: &Tasks,
    ) -> anyhow::Result<()> {
        if let Some(broker) = broker {
            self.serve_mqtt(broker, tasks)?;
        }
        if let Some(tls) = self.tls.clone() {
            let hangup = signal(SignalKind::hangup()).context("SIGHUP")?;
            tasks.spawn(
                "certificates",
                run_reload(tls, hangup, tasks.stop().clone()),
            );
        }
        self.serve_http(router, settings, tasks)
    }

    fn serve_mqtt(&mut self, broker: &Broker, tasks: &Tasks) -> anyhow::Result<()> {
        open_mqtt(self.mqtt.take(), broker.clone(), tasks)?;
        if let Some((listener, tls)) = self.mqtts.take().zip(self.tls.clone()) {
            let serving = serve_mqtts(listener, tls, broker.clone(), tasks.stop().clone());
            tasks.spawn("mqtt over tls", serving);
        }
        Ok(())
    }

    fn serve_http(
        self,
        router: &Router,
        settings: &config::Http,
        tasks: &Tasks,
    ) -> anyhow::Result<()> {
        let peers = Peers::new(settings.connections_per_peer).but_loopback();
        let turnstile = http_turnstile(peers);
        let open = |name, listener: TcpListener, tls: Option<Arc<Tls>>| -> anyhow::Result<()> {
            let guard = Guard::new(listener.local_addr()?, &settings.origins);
            let guard = if tls.is_some() { guard.secure() } else { guard };
            let front = HttpFront {
                router: guard.around(router.clone()),
                turnstile: turnstile.clone(),
                listener,
                tls,
            };
            tasks.spawn(name, serve_http(front, tasks.stop().clone()));
            Ok(())
        };
        if let Some(listener) = self.http {
            open("http", listener, None)?;
        }
        if let Some((listener, tls)) = self.https.zip(self.tls) {
            open("https", listener, Some(tls))?;
        }
        Ok(())
    }
}

/// Makes the self-signed certificate if there is none that is good; its fingerprint.
fn make_certificate(files: &TlsFiles, asked: &Addresses) -> anyhow::Result<String> {
    let listening: Vec<_> = [asked.https, asked.mqtts]
        .into_iter()
        .flatten()
        .map(|address| address.ip())
        .collect();
    keep_self_signed(files, &listening, wall_ms())?;
    fingerprint(files)
}

fn listen(address: Option<SocketAddr>, what: &str) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = address else {
        return Ok(None);
    };
    let listener = broker::listen(address).with_context(|| format!("{what} on {address}"))?;
    Ok(Some(listener))
}

/// Without plain MQTT, sessions and delayed wills still end on time.
fn open_mqtt(listener: Option<TcpListener>, broker: Broker, tasks: &Tasks) -> anyhow::Result<()> {
    let stop = tasks.stop().clone();
    let Some(listener) = listener else {
        tasks.spawn("mqtt", async move { broker.sweep_until(stop).await });
        return Ok(());
    };
    let serving = serve_mqtt(listener, broker, stop)?;
    let failing = tasks.clone();
    tasks.spawn("mqtt", async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "MQTT failed; stopping");
            failing.fail();
        }
    });
    Ok(())
}

/// Where registered clients find MQTT: the plain port, or by TLS if that is closed to them, or by
/// WebSocket if both are; or at the broker that is not ours. `ssl` and `wss` are the names that the
/// document's client library knows.
pub(crate) fn told_address(config: &Config, at: &Addresses) -> anyhow::Result<BrokerAddress> {
    match &config.mqtt.external {
        Some(external) => Ok(told_external(config, &external.address()?)),
        None => Ok(told_own(config, at)),
    }
}

/// A broker that the server reaches by loopback is found by others where they find the server.
fn told_external(config: &Config, address: &Address) -> BrokerAddress {
    let Address { host, port, is_tls } = address;
    let scheme = if *is_tls { "ssl" } else { "tcp" };
    let is_near = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    let shown = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.clone()
    };
    let url = config.mqtt.public_url.clone();
    BrokerAddress {
        url: url.or_else(|| (!is_near).then(|| format!("{scheme}://{shown}:{port}"))),
        scheme,
        port: *port,
        path: "",
    }
}

fn told_own(config: &Config, at: &Addresses) -> BrokerAddress {
    let is_far = |address: &SocketAddr| !address.ip().is_loopback();
    let has_far_tls = at.mqtts.as_ref().is_some_and(is_far);
    // A plain port on loopback beside an open one of TLS is for the machine itself.
    let plain = at.mqtt.filter(|plain| is_far(plain) || !has_far_tls);
    let first = [
        ("tcp", plain, ""),
        ("ssl", at.mqtts, ""),
        ("wss", at.https, "/mqtt"),
        ("ws", at.http, "/mqtt"),
    ];
    let open = first
        .into_iter()
        .find_map(|(scheme, address, path)| address.map(|address| (scheme, address.port(), path)));
    let (scheme, port, path) = open.unwrap_or(("tcp", 0, ""));
    BrokerAddress {
        url: config.mqtt.public_url.clone(),
        scheme,
        port,
        path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOSED: Addresses = Addresses {
        http: None,
        https: None,
        mqtt: None,
        mqtts: None,
    };

    #[track_caller]
    fn check(at: Addresses, told: &str) {
        let address = told_address(&Config::default(), &at).unwrap();

        let BrokerAddress {
            scheme, port, path, ..
        } = address;
        assert_eq!(format!("{scheme}://host:{port}{path}"), told);
    }

    #[test]
    fn clients_are_told_the_first_port_of_mqtt_that_is_open() {
        let port = |port: u16| Some(SocketAddr::from(([0, 0, 0, 0], port)));
        let mut at = Addresses {
            http: port(8080),
            https: port(8443),
            mqtt: port(1883),
            mqtts: port(8883),
        };

        check(at, "tcp://host:1883");
        at.mqtt = Some(SocketAddr::from(([127, 0, 0, 1], 1883)));
        check(at, "ssl://host:8883");
        at.mqtt = None;
        check(at, "ssl://host:8883");
        at.mqtts = None;
        check(at, "wss://host:8443/mqtt");
        at.https = None;
        check(at, "ws://host:8080/mqtt");
    }

    #[test]
    fn clients_are_told_where_another_broker_is() {
        let told = |text: &str| {
            let address = told_external(&Config::default(), &text.parse().unwrap());
            address
                .url
                .unwrap_or_else(|| format!("{} {}", address.scheme, address.port))
        };

        assert_eq!(told("mqtts://b.example.org"), "ssl://b.example.org:8883");
        assert_eq!(told("mqtt://[2001:db8::1]:99"), "tcp://[2001:db8::1]:99");
        assert_eq!(told("mqtt://127.0.0.1"), "tcp 1883");
    }

    #[test]
    fn closed_ports_are_not_bound() {
        let at = |listeners: &Listeners| listeners.addresses().unwrap();
        let mut config = Config::default();
        config.mqtt.listen = crate::listen::Listen::Off;
        config.http.listen = "127.0.0.1:0".parse().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let _inside = runtime.enter();

        let listeners = Listeners::bind(&config, Path::new("data")).unwrap();

        let http = at(&listeners).http;
        assert!(http.is_some());
        assert_eq!(at(&listeners), Addresses { http, ..CLOSED });
    }
}
