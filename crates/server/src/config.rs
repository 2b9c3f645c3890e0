//! The settings: one TOML file, the environment over it, flags over that.
//!
//! An environment variable `KOUMEN__SECTION__KEY` stands for `key` in `[section]`. Unknown keys
//! are refused, and every problem is reported at once with its key.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use app::calls::CallSettings;
use serde::Deserialize;
use toml::{Table, Value};

/// All settings.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Where everything is kept.
    pub(crate) data: PathBuf,
    pub(crate) http: Http,
    pub(crate) mqtt: Mqtt,
    pub(crate) calls: Calls,
    pub(crate) trtc: Trtc,
}

/// `[http]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Http {
    /// The address to listen on; port 0 takes a free one.
    pub(crate) listen: SocketAddr,
}

/// `[mqtt]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mqtt {
    /// The address to listen on; port 0 takes a free one.
    pub(crate) listen: SocketAddr,
    /// The URL that registered clients are told, such as `tcp://door.example.org:1883`; by default
    /// the host by which they reached HTTP, and the port that MQTT listens on.
    pub(crate) public_url: Option<String>,
}

/// `[calls]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Calls {
    /// Seconds that a call rings, 5–180.
    pub(crate) ring_s: u64,
    /// Seconds that a conversation may last, 60–86400.
    pub(crate) talk_s: u64,
}

/// `[trtc]`: the media service of S0 and S1; without it calls carry no media credentials.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Trtc {
    pub(crate) sdk_app_id: u32,
    secret_key: Option<String>,
    /// A file that holds the key, instead of the key.
    secret_key_file: Option<PathBuf>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 8080)),
        }
    }
}

impl Default for Mqtt {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 1883)),
            public_url: None,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            http: Http::default(),
            mqtt: Mqtt::default(),
            calls: Calls::default(),
            trtc: Trtc::default(),
        }
    }
}

impl Default for Calls {
    fn default() -> Self {
        let CallSettings { ring, talk } = CallSettings::default();
        Self {
            ring_s: ring.as_secs(),
            talk_s: talk.as_secs(),
        }
    }
}

impl Calls {
    pub(crate) fn settings(&self) -> CallSettings {
        CallSettings {
            ring: Duration::from_secs(self.ring_s),
            talk: Duration::from_secs(self.talk_s),
        }
    }
}

impl Trtc {
    /// The secret key, from wherever it was put; none if there is none.
    pub(crate) fn key(&self) -> anyhow::Result<Option<String>> {
        let key = match (&self.secret_key, &self.secret_key_file) {
            (Some(key), None) => key.clone(),
            (None, Some(path)) => std::fs::read_to_string(path)
                .with_context(|| format!("trtc.secret_key_file: {}", path.display()))?,
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => bail!("trtc: set secret_key or secret_key_file, not both"),
        };
        Ok(Some(key.trim().to_owned()))
    }
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
        for (name, value) in std::env::vars() {
            if let Some(path) = name.strip_prefix("KOUMEN__") {
                overlay(&mut table, &path.to_ascii_lowercase(), value);
            }
        }
        let config: Self = table.try_into().context("configuration")?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        let mut problems = Vec::new();
        if !(5..=180).contains(&self.calls.ring_s) {
            problems.push("calls.ring_s: must be 5 to 180 seconds");
        }
        if !(60..=86_400).contains(&self.calls.talk_s) {
            problems.push("calls.talk_s: must be 60 to 86400 seconds");
        }
        if problems.is_empty() {
            return Ok(());
        }
        bail!("configuration: {}", problems.join("; "))
    }
}

/// Sets `section__key` to a value, read as TOML where it is a number or a truth value.
fn overlay(table: &mut Table, path: &str, value: String) {
    let parsed = value.parse::<i64>().map(Value::Integer);
    let value = parsed.unwrap_or(Value::String(value));
    match path.split_once("__") {
        None => drop(table.insert(path.to_owned(), value)),
        Some((section, key)) => {
            let inner = table
                .entry(section.to_owned())
                .or_insert(Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                inner.insert(key.to_owned(), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_lies_over_the_file() {
        let mut table: Table = "[calls]\nring_s = 20\ntalk_s = 90".parse().unwrap();

        overlay(&mut table, "calls__ring_s", "45".into());

        let config: Config = table.try_into().unwrap();
        assert_eq!((config.calls.ring_s, config.calls.talk_s), (45, 90));
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
            },
            ..Config::default()
        };

        let error = config.check().unwrap_err().to_string();

        assert!(
            error.contains("ring_s") && error.contains("talk_s"),
            "{error}"
        );
    }
}
