//! The commands, one file each.

mod logs;
mod serve;
mod operator;
mod audit;
mod settings;
mod smartbox;
mod simulate;
mod gate;
mod demo;
mod bench;

use std::future::Future;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use crate::config::Config;

/// A self-hosted video-intercom and door-access platform.
#[derive(Parser)]
#[command(name = "koumen", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    #[command(after_help = serve::EXAMPLES)]
    Serve(serve::Serve),
    /// Watch a door ring a phone, and a gate a screen as well: everything in a temporary folder, on loopback only.
    #[command(after_help = demo::EXAMPLES)]
    Demo(demo::Demo),
    /// Manage operators.
    #[command(subcommand)]
    Operator(operator::Operator),
    /// Check or print what happened at the doors.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Print or check the settings.
    #[command(subcommand)]
    Config(settings::Config),
    /// Prepare a machine that is the box of a home.
    #[command(subcommand, name = "box")]
    Smartbox(smartbox::Smartbox),
    /// Simulate devices against a running server.
    #[command(subcommand)]
    Sim(simulate::Sim),
    /// Measure a server on this machine, over real sockets.
    #[command(subcommand)]
    Bench(bench::Bench),
}

/// Where the settings come from.
#[derive(Args, Clone)]
pub(crate) struct Settings {
    /// The configuration file; without it every setting has its default.
    #[arg(long, env = "KOUMEN_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder, over the configuration's.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

impl Settings {
    fn load(&self) -> anyhow::Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(data) = &self.data {
            config.data.clone_from(data);
        }
        Ok(config)
    }
}

/// Runs a command to its end.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Serve(command) => block_on(command.run()),
        Command::Demo(command) => block_on(command.run()),
        Command::Operator(command) => block_on(command.run()),
        Command::Audit(command) => command.run(),
        Command::Config(command) => command.run(),
        Command::Smartbox(command) => command.run(),
        Command::Sim(command) => block_on(command.run()),
        Command::Bench(command) => command.run(),
    }
}

fn block_on(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime")?
        .block_on(command)
}
