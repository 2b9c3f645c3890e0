//! `[mqtt.external]`: the broker that is used instead of ours.

use std::path::PathBuf;

use anyhow::{Context, bail};
use bus_external::{Address, Settings};
use serde::Deserialize;

use crate::config::secret::secret;

/// The shortest secret that hooks may be asked with.
const HOOK_SECRET_MIN: usize = 16;

/// `[mqtt.external]`
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct External {
    /// Where it is, `mqtt://host:port` or, by TLS, `mqtts://host:port`.
    url: String,
    /// As whom the server signs in there.
    username: Option<String>,
    password: Option<String>,
    /// A file that holds the password, instead of the password.
    password_file: Option<PathBuf>,
    /// A PEM file: authorities that may vouch for the broker, instead of the system's.
    ca: Option<PathBuf>,
    /// How doors and phones come to be known there.
    #[serde(default)]
    pub(crate) accounts: AccountsBy,
    /// What the broker shows when it asks the hooks.
    hook_secret: Option<String>,
    /// A file that holds it, instead of it.
    hook_secret_file: Option<PathBuf>,
    /// Whether everyone is woken on S0's fixed topics.
    #[serde(default = "yes")]
    pub(crate) fixed_topics: bool,
}

/// How doors and phones come to be known at the broker.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AccountsBy {
    /// The server keeps accounts there, by Mosquitto's plugin of this name.
    #[default]
    DynamicSecurity,
    /// The broker asks the server over HTTP, in EMQX's way.
    Hooks,
}

fn yes() -> bool {
    true
}

impl External {
    pub(crate) fn address(&self) -> anyhow::Result<Address> {
        self.url.parse().context("mqtt.external.url")
    }

    /// How to connect, under this client id; reads the files.
    pub(crate) fn settings(&self, client_id: String) -> anyhow::Result<Settings> {
        let password = secret(
            "mqtt.external.password",
            &self.password,
            &self.password_file,
        )?;
        if self.username.is_none() && password.is_some() {
            bail!("mqtt.external.username: is needed beside the password");
        }
        let read = |path: &PathBuf| {
            std::fs::read(path).with_context(|| format!("mqtt.external.ca: {}", path.display()))
        };
        Ok(Settings {
            address: self.address()?,
            client_id,
            username: self.username.clone(),
            password,
            authorities: self.ca.as_ref().map(read).transpose()?,
        })
    }

    /// What the broker shows when it asks; an error if it is too short for hooks that need it.
    pub(crate) fn hook_secret(&self) -> anyhow::Result<Option<String>> {
        let (text, file) = (&self.hook_secret, &self.hook_secret_file);
        let found = secret("mqtt.external.hook_secret", text, file)?;
        match (self.accounts, &found) {
            (AccountsBy::DynamicSecurity, _) => Ok(None),
            (AccountsBy::Hooks, Some(secret)) if secret.len() >= HOOK_SECRET_MIN => Ok(found),
            (AccountsBy::Hooks, _) => bail!(
                "mqtt.external.hook_secret: must be at least {HOOK_SECRET_MIN} characters, where \
                 accounts = \"hooks\""
            ),
        }
    }

    /// Finds everything that is wrong with it.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let settings = self.settings(String::new())?;
        self.hook_secret()?;
        if settings.username.is_some() && settings.password.is_none() {
            bail!("mqtt.external.password: is needed beside the username");
        }
        if self.accounts == AccountsBy::DynamicSecurity && settings.username.is_none() {
            bail!(
                "mqtt.external.username: is needed where accounts = \"dynamic-security\"; name an \
                 account that may administer the plugin"
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, problem: Option<&str>) {
        let external: External = toml::from_str(text).unwrap();

        let found = external.check().map_err(|error| format!("{error:#}"));

        match (problem, &found) {
            (None, Ok(())) => {}
            (Some(problem), Err(found)) => assert!(found.contains(problem), "{found}"),
            _ => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let url = "url = 'mqtt://b'";
        check(&format!("{url}\nusername = 'a'\npassword = 'b'"), None);
        check("url = 'b:1883'", Some("mqtt.external.url: must be mqtt://"));
        check(url, Some("username: is needed where"));
        check(
            &format!("{url}\npassword = 'b'"),
            Some("beside the password"),
        );
        check(
            &format!("{url}\naccounts = 'hooks'\nhook_secret = 'short'"),
            Some("hook_secret: must be at least 16"),
        );
        check(
            &format!("{url}\naccounts = 'hooks'\nhook_secret = '0123456789abcdef'"),
            None,
        );
        check(
            &format!("{url}\nusername = 'a'\npassword = 'b'\nca = '/nowhere'"),
            Some("mqtt.external.ca: /nowhere"),
        );
    }
}
