//! `koumen operator add`: the first operator, and further ones.
//!
//! A running server holds the data folder, so it is asked over its local socket; otherwise the
//! store is opened here.

use anyhow::Context;
use app::port::Random;
use app::secret::Secret;
use clap::{Args, Subcommand};
use storage::{FolderLock, LockFailure};

use crate::command::Settings;
use crate::config::Config;
use crate::edge::{AdminRequest, add_operator_online};
use crate::machine::SystemRandom;
use crate::say;
use crate::world::World;

const EXAMPLES: &str = "Examples:
  koumen operator add anna
  koumen operator add anna --password-stdin < password.txt";

#[derive(Subcommand)]
pub(super) enum Operator {
    /// Add an operator, who may then sign in at `POST /v1/login`.
    #[command(after_help = EXAMPLES)]
    Add(Add),
}

#[derive(Args)]
pub(super) struct Add {
    /// The login name.
    name: String,
    /// Read the password from standard input; without this one is made and shown.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Operator {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Self::Add(add) = self;
        add.run().await
    }
}

impl Add {
    async fn run(self) -> anyhow::Result<()> {
        let config = self.settings.load()?;
        let (password, is_made) = self.password(&config)?;
        add(&config, &self.name, &password).await?;
        say::line(&format!("operator {} added", self.name));
        if is_made {
            say::line(&format!("password {password}"));
        }
        Ok(())
    }

    fn password(&self, config: &Config) -> anyhow::Result<(String, bool)> {
        if self.password_stdin {
            let mut line = String::new();
            std::io::stdin()
                .read_line(&mut line)
                .context("the password")?;
            return Ok((line.trim_end_matches(['\r', '\n']).to_owned(), false));
        }
        Ok((
            SystemRandom::open(&config.data)?
                .secret()
                .expose()
                .to_owned(),
            true,
        ))
    }
}

async fn add(config: &Config, name: &str, password: &str) -> anyhow::Result<()> {
    match FolderLock::take(&config.data) {
        Ok(_lock) => {
            let directory = World::open(&config.data)?.directory();
            directory
                .add_owner(name, Secret::new(password.to_owned()))
                .await?;
            Ok(())
        }
        Err(LockFailure::Held) => {
            let (name, password) = (name.to_owned(), password.to_owned());
            let request = AdminRequest::AddOperator { name, password };
            add_operator_online(&config.data, &request).await
        }
        Err(failure) => Err(failure.into()),
    }
}
