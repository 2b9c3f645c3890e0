//! `koumen config`: what can be set, and whether what is set is right.

use clap::Subcommand;

use crate::command::Settings;
use crate::config::{DEFAULT_FILE, External};
use crate::edge::Tls;
use crate::say;

const EXAMPLES: &str = "Examples:
  koumen config print > koumen.toml
  koumen config check --config koumen.toml";

#[derive(Subcommand)]
pub(super) enum Config {
    /// Print a settings file with every key, its meaning and its default.
    #[command(after_help = EXAMPLES)]
    Print,
    /// Read the settings as the server would, and say what is wrong with them.
    #[command(after_help = EXAMPLES)]
    Check(Settings),
}

impl Config {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Print => say::line(DEFAULT_FILE.trim_end()),
            Self::Check(settings) => {
                let config = settings.load()?;
                config.trtc.key()?;
                config.addresses()?;
                config
                    .mqtt
                    .external
                    .as_ref()
                    .map(External::check)
                    .transpose()?;
                config.tls.files(&config.data)?.map(Tls::load).transpose()?;
                say::line("the settings are right");
            }
        }
        Ok(())
    }
}
