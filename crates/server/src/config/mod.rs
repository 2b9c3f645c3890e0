//! The settings: one TOML file, the environment over it, flags over that.
//!
//! An environment variable `KOUMEN__SECTION__KEY` stands for `key` in `[section]`. Unknown keys
//! are refused, and every problem is reported at once with its key.

mod secret;
mod external;
mod nat;
mod smartbox;
mod alarms;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use app::calls::{CallSettings, Phones};
use app::directory::{RING_S, TALK_S};
use app::limit::Rates;
use serde::Deserialize;
use toml::{Table, Value};

use crate::config::secret::secret;
use crate::listen::{Addresses, Asked, Listen};

pub(crate) use alarms::Alarms;
pub(crate) use external::External;
pub(crate) use nat::{Protocol, Redirection};
pub(crate) use smartbox::Smartbox;

/// Every setting with its meaning and default, as `koumen config print` shows it.
pub(crate) const DEFAULT_FILE: &str = include_str!("../default.toml");

/// All settings.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Where everything is kept.
    pub(crate) data: PathBuf,
    pub(crate) http: Http,
    pub(crate) mqtt: Mqtt,
    pub(crate) tls: Tls,
    pub(crate) calls: Calls,
    pub(crate) alarms: Alarms,
    pub(crate) limits: Limits,
    pub(crate) trtc: Trtc,
    pub(crate) smartbox: Smartbox,
}

/// `[http]`
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Http {
    /// Where plain HTTP listens.
    pub(crate) listen: Listen,
    /// Where HTTPS listens; by default on port 8443 if there is a certificate.
    pub(crate) listen_tls: Option<Listen>,
    /// Origins of other sites' pages that may use this server, such as `https://desk.example.org`.
    pub(crate) origins: Vec<String>,
    /// Connections that one IPv4 address, or one IPv6 network of 64 bits, may have open,
    /// upgraded ones included; 0 is no limit. Loopback is not counted.
    pub(crate) connections_per_peer: usize,
}

/// `[mqtt]`
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mqtt {
    /// Where plain MQTT listens.
    pub(crate) listen: Listen,
    /// Where MQTT over TLS listens; by default on port 8883 if there is a certificate.
    pub(crate) listen_tls: Option<Listen>,
    /// The URL that registered clients are told, such as `tcp://door.example.org:1883`; by default
    /// the host by which they reached HTTP, and the port that MQTT listens on.
    pub(crate) public_url: Option<String>,
    /// The broker that is used instead of ours.
    pub(crate) external: Option<External>,
}

/// `[tls]`: the certificate of every TLS listener; without it there is none.
#[derive(Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Tls {
    /// A PEM file: the certificate, then those between it and its authority.
    certificate: Option<PathBuf>,
    /// A PEM file: the certificate's private key.
    key: Option<PathBuf>,
    /// A PEM file: authorities whose certificates sign devices in.
    client_ca: Option<PathBuf>,
    /// Whether the server makes a certificate itself; `koumen serve --tls self-signed` says so.
    #[serde(skip)]
    pub(crate) is_self_signed: bool,
}

/// The files that TLS is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TlsFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    /// Authorities of clients' certificates; without them no client is asked for one.
    pub(crate) client_ca: Option<PathBuf>,
}

/// `[calls]`
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Calls {
    /// Seconds that a call rings, 5–180.
    pub(crate) ring_s: u64,
    /// Seconds that a conversation may last, 60–86400.
    pub(crate) talk_s: u64,
    /// Whether opening the door ends the ringing.
    pub(crate) unlock_ends_ringing: bool,
}

/// `[limits]`: how often each may come in a minute; 0 means as often as one likes.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Sign-ins under one name.
    pub(crate) logins_per_min: u32,
    /// Presses at one door.
    pub(crate) calls_per_min: u32,
    /// Registrations by one resident.
    pub(crate) registrations_per_min: u32,
    /// System messages by one operator.
    pub(crate) messages_per_min: u32,
    /// Triggers of one zone of a flat.
    pub(crate) triggers_per_min: u32,
    /// Requests to open a door by whoever asks; codes by door.
    pub(crate) unlocks_per_min: u32,
}

/// `[trtc]`: the media service of S0 and S1; without it calls carry no media credentials.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Trtc {
    pub(crate) sdk_app_id: u32,
    /// Whether credentials carry a key to their room, for applications whose console asks for it.
    pub(crate) private_map_key: bool,
    secret_key: Option<String>,
    /// A file that holds the key, instead of the key.
    secret_key_file: Option<PathBuf>,
    /// The id of a key of the cloud API, by which rooms are closed and users thrown out of them.
    secret_id: Option<String>,
    /// That key's secret.
    cloud_secret_key: Option<String>,
    /// A file that holds it, instead of it.
    cloud_secret_key_file: Option<PathBuf>,
    /// The cloud API's region.
    pub(crate) region: String,
    /// The cloud API's address, `scheme://host` or `scheme://host:port`.
    pub(crate) endpoint: String,
    /// The last part of the callbacks' path, 16–128 letters, digits, `_` or `-`.
    callback_path_secret: Option<String>,
    /// The callback key, as chosen in the TRTC console.
    callback_key: Option<String>,
    /// A file that holds it, instead of it.
    callback_key_file: Option<PathBuf>,
}

/// A key of the cloud API.
pub(crate) struct CloudKeyPair {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// What tells the media service's callbacks from anybody's.
pub(crate) struct CallbackSecrets {
    pub(crate) path: String,
    pub(crate) key: String,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: Listen::At(SocketAddr::from(([0, 0, 0, 0], 8080))),
            listen_tls: None,
            origins: Vec::new(),
            connections_per_peer: 1024,
        }
    }
}

impl Default for Mqtt {
    fn default() -> Self {
        Self {
            listen: Listen::At(SocketAddr::from(([0, 0, 0, 0], 1883))),
            listen_tls: None,
            public_url: None,
            external: None,
        }
    }
}

impl Default for Trtc {
    fn default() -> Self {
        Self {
            sdk_app_id: 0,
            private_map_key: false,
            secret_key: None,
            secret_key_file: None,
            secret_id: None,
            cloud_secret_key: None,
            cloud_secret_key_file: None,
            region: "ap-guangzhou".into(),
            endpoint: "https://trtc.tencentcloudapi.com".into(),
            callback_path_secret: None,
            callback_key: None,
            callback_key_file: None,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            http: Http::default(),
            mqtt: Mqtt::default(),
            tls: Tls::default(),
            calls: Calls::default(),
            alarms: Alarms::default(),
            limits: Limits::default(),
            trtc: Trtc::default(),
            smartbox: Smartbox::default(),
        }
    }
}

impl Default for Calls {
    fn default() -> Self {
        let CallSettings {
            ring,
            talk,
            unlock_ends_ringing,
            ..
        } = CallSettings::default();
        Self {
            ring_s: ring.as_secs(),
            talk_s: talk.as_secs(),
            unlock_ends_ringing,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let rates = Rates::default();
        Self {
            logins_per_min: rates.logins_per_min,
            calls_per_min: rates.calls_per_min,
            registrations_per_min: rates.registrations_per_min,
            messages_per_min: rates.messages_per_min,
            triggers_per_min: rates.triggers_per_min,
            unlocks_per_min: rates.unlocks_per_min,
        }
    }
}

impl Tls {
    /// Whether there is a certificate, or will be.
    pub(crate) fn is_on(&self) -> bool {
        self.is_self_signed || self.certificate.is_some()
    }

    /// The files; those of a server that makes its certificate itself lie in the data folder.
    /// None without TLS.
    pub(crate) fn files(&self, folder: &Path) -> anyhow::Result<Option<TlsFiles>> {
        let client_ca = self.client_ca.clone();
        let files = |certificate: PathBuf, key: PathBuf| TlsFiles {
            certificate,
            key,
            client_ca: client_ca.clone(),
        };
        match (&self.certificate, &self.key) {
            (None, None) if self.is_self_signed => Ok(Some(files(
                folder.join("self-signed.crt"),
                folder.join("self-signed.key"),
            ))),
            _ if self.is_self_signed => bail!(
                "tls.certificate and tls.key are set, so there is no need for --tls self-signed"
            ),
            (Some(certificate), Some(key)) => Ok(Some(files(certificate.clone(), key.clone()))),
            (Some(_), None) => bail!("tls.key: is needed beside tls.certificate"),
            (None, Some(_)) => bail!("tls.certificate: is needed beside tls.key"),
            (None, None) if client_ca.is_some() => {
                bail!("tls.certificate: is needed beside tls.client_ca")
            }
            (None, None) => Ok(None),
        }
    }
}

impl Trtc {
    fn has_key(&self) -> bool {
        self.secret_key.is_some() || self.secret_key_file.is_some()
    }

    /// The secret key, from wherever it was put; none if there is none.
    pub(crate) fn key(&self) -> anyhow::Result<Option<String>> {
        secret("trtc.secret_key", &self.secret_key, &self.secret_key_file)
    }

    /// The key of the cloud API; none if there is none.
    pub(crate) fn cloud_key(&self) -> anyhow::Result<Option<CloudKeyPair>> {
        let (text, file) = (&self.cloud_secret_key, &self.cloud_secret_key_file);
        match (
            &self.secret_id,
            secret("trtc.cloud_secret_key", text, file)?,
        ) {
            (None, None) => Ok(None),
            (Some(id), Some(secret)) => Ok(Some(CloudKeyPair {
                id: id.clone(),
                secret,
            })),
            _ => bail!("trtc: secret_id and cloud_secret_key belong together"),
        }
    }

    /// What opens the callbacks; none if they are not wanted.
    pub(crate) fn callbacks(&self) -> anyhow::Result<Option<CallbackSecrets>> {
        let key = secret(
            "trtc.callback_key",
            &self.callback_key,
            &self.callback_key_file,
        )?;
        match (&self.callback_path_secret, key) {
            (None, None) => Ok(None),
            (Some(path), Some(_)) if !is_path_secret(path) => {
                bail!("trtc.callback_path_secret: must be 16 to 128 letters, digits, '_' or '-'")
            }
            (Some(path), Some(key)) if !key.is_empty() => Ok(Some(CallbackSecrets {
                path: path.clone(),
                key,
            })),
            _ => bail!("trtc: callback_path_secret and callback_key belong together"),
        }
    }
}

fn is_path_secret(text: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (16..=128).contains(&text.len()) && text.bytes().all(is_safe)
}

impl Config {
    /// Reads the file if one is given, and lays the environment over it.
    pub(crate) fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut table = match file {
            None => Table::new(),
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("configuration {}", path.display()))?
                .parse()
                .with_context(|| format!("configuration {}", path.display()))?,
        };
        for (name, value) in std::env::vars_os() {
            let Some(path) = name.to_str().and_then(|name| name.strip_prefix("KOUMEN__")) else {
                continue;
            };
            let value = value
                .to_str()
                .with_context(|| format!("KOUMEN__{path}: not UTF-8"))?;
            overlay(&mut table, &path.to_ascii_lowercase(), value);
        }
        let config: Self = table.try_into().context("configuration")?;
        config.check()?;
        Ok(config)
    }

    /// How calls behave. A broker that is not ours cannot tell a resident's phones apart.
    pub(crate) fn call_settings(&self) -> CallSettings {
        CallSettings {
            ring: Duration::from_secs(self.calls.ring_s),
            talk: Duration::from_secs(self.calls.talk_s),
            unlock_ends_ringing: self.calls.unlock_ends_ringing,
            phones: match &self.mqtt.external {
                Some(_) => Phones::Together,
                None => Phones::Apart,
            },
        }
    }

    /// Where to listen. Asked when all flags are known too. Beside another broker not for MQTT.
    pub(crate) fn addresses(&self) -> anyhow::Result<Addresses> {
        let (mqtt, mqtts) = match &self.mqtt.external {
            Some(_) => (Listen::Off, Some(Listen::Off)),
            None => (self.mqtt.listen, self.mqtt.listen_tls),
        };
        let asked = Asked {
            http: self.http.listen,
            https: self.http.listen_tls,
            mqtt,
            mqtts,
            has_tls: self.tls.is_on(),
        };
        asked.addresses()
    }

    /// The redirections of a box, from the home network into the community's.
    pub(crate) fn redirections(&self) -> anyhow::Result<Vec<Redirection>> {
        let found = self.smartbox.redirections();
        found.map_err(|problems| anyhow!("configuration: {}", problems.join("; ")))
    }

    fn check(&self) -> anyhow::Result<()> {
        let mut problems = Vec::new();
        if !RING_S.contains(&self.calls.ring_s) {
            problems.push("calls.ring_s: must be 5 to 180 seconds".to_owned());
        }
        if !TALK_S.contains(&self.calls.talk_s) {
            problems.push("calls.talk_s: must be 60 to 86400 seconds".to_owned());
        }
        if self.trtc.sdk_app_id == 0 && self.trtc.has_key() {
            problems.push("trtc.sdk_app_id: is needed beside the key".to_owned());
        }
        problems.extend(self.smartbox.redirections().err().unwrap_or_default());
        problems.extend(self.alarms.problem().map(str::to_owned));
        if problems.is_empty() {
            return Ok(());
        }
        bail!("configuration: {}", problems.join("; "))
    }
}

/// Sets `section__key` to a value, read as TOML where it is a number, a truth value, a list or a
/// quoted text, and as it stands otherwise. A section may lie in another.
fn overlay(table: &mut Table, path: &str, value: &str) {
    let read: Option<Table> = format!("it = {value}").parse().ok();
    let read = read.and_then(|mut table| table.remove("it"));
    let value = read.unwrap_or_else(|| Value::String(value.to_owned()));
    insert(table, path, value);
}

fn insert(table: &mut Table, path: &str, value: Value) {
    let Some((section, rest)) = path.split_once("__") else {
        table.insert(path.to_owned(), value);
        return;
    };
    let inner = table
        .entry(section.to_owned())
        .or_insert(Value::Table(Table::new()));
    if let Value::Table(inner) = inner {
        insert(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_lies_over_the_file() {
        let mut table: Table = "[calls]\nring_s = 20\ntalk_s = 90".parse().unwrap();

        overlay(&mut table, "calls__ring_s", "45");
        overlay(&mut table, "http__origins", r#"["https://a.example.org"]"#);
        overlay(&mut table, "data", "/srv/koumen");
        overlay(&mut table, "mqtt__external__url", "mqtt://b");

        let config: Config = table.try_into().unwrap();
        assert_eq!((config.calls.ring_s, config.calls.talk_s), (45, 90));
        assert_eq!(config.http.origins, ["https://a.example.org"]);
        assert_eq!(config.data, PathBuf::from("/srv/koumen"));
        assert!(config.mqtt.external.is_some());
    }

    #[test]
    fn an_unknown_key_is_named() {
        let table: Table = "[calls]\nrings = 20".parse().unwrap();

        let error = table.try_into::<Config>().map(drop).unwrap_err();

        assert!(error.to_string().contains("rings"), "{error}");
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let config = Config {
            calls: Calls {
                ring_s: 1,
                talk_s: 1,
                ..Calls::default()
            },
            smartbox: toml::from_str("[[nat]]").unwrap(),
            ..Config::default()
        };

        let error = config.check().unwrap_err().to_string();

        for key in ["ring_s", "talk_s", "smartbox.nat[0].from"] {
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn half_a_certificate_is_refused_with_the_missing_key() {
        for (text, missing) in [
            ("tls.certificate = 'a'", "tls.key: is needed"),
            ("tls.key = 'b'", "tls.certificate: is needed beside tls.key"),
            ("tls.client_ca = 'c'", "tls.certificate: is needed"),
        ] {
            let config: Config = toml::from_str(text).unwrap();

            let error = config.tls.files(Path::new("data")).unwrap_err().to_string();

            assert!(error.contains(missing), "{error}");
        }
    }

    #[test]
    fn a_certificate_of_ones_own_and_a_self_signed_one_do_not_go_together() {
        let mut config: Config = toml::from_str("tls = {certificate = 'a', key = 'b'}").unwrap();
        config.tls.is_self_signed = true;

        assert!(config.tls.files(Path::new("data")).is_err());
    }

    #[test]
    fn the_printed_file_holds_the_defaults() {
        let printed: Config = toml::from_str(DEFAULT_FILE).unwrap();

        assert!(printed == Config::default());
    }

    #[test]
    fn what_the_printed_file_leaves_out_is_known_too() {
        let all: String = DEFAULT_FILE
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(key) if !key.starts_with(' ') => format!("{key}\n"),
                _ => format!("{line}\n"),
            })
            .collect();

        let config: Config = toml::from_str(&all).unwrap();

        assert!(config.mqtt.public_url.is_some() && config.trtc.has_key());
        assert!(config.tls.is_on() && config.tls.client_ca.is_some());
        assert!(config.http.listen_tls.is_some() && config.mqtt.listen_tls.is_some());
        assert!(config.mqtt.external.is_some());
        assert_eq!(config.redirections().unwrap().len(), 2);
    }
}
