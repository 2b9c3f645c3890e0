//! `koumen box`: what a machine that is the box of a home needs beside the server.

use clap::Subcommand;

use crate::command::Settings;
use crate::machine::nftables;
use crate::say;

const EXAMPLES: &str = "\
Each [[smartbox.nat]] of the settings is one redirection:

  [[smartbox.nat]]
  name = \"property\"             # a comment; may be left out
  from = \"192.168.1.22:8080\"    # the box's address in the home network, and a port
  to = \"11.0.0.5:80\"            # the server in the community network
  protocol = \"tcp\"              # or \"udp\"

Examples:
  koumen box nat print --config koumen.toml
  koumen box nat print --config koumen.toml | nft -c -f -    check them
  koumen box nat print --config koumen.toml | nft -f -       apply them, as root";

#[derive(Subcommand)]
pub(super) enum Smartbox {
    /// Port redirections from the home network to the community's.
    #[command(subcommand)]
    Nat(Nat),
}

#[derive(Subcommand)]
pub(super) enum Nat {
    /// Print the redirections as rules for nftables; applies nothing.
    #[command(after_help = EXAMPLES)]
    Print(Settings),
}

impl Smartbox {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Self::Nat(Nat::Print(settings)) = self;
        let redirections = settings.load()?.redirections()?;
        say::line(nftables(&redirections).trim_end());
        Ok(())
    }
}
