//! `koumen sim centre`: a property desk that speaks S3.

use std::net::SocketAddr;

use anyhow::ensure;
use clap::Args;
use sim::{Calling, PartyKind, Station};

use super::manner::{Calls, Open, Party, Whom, callee, judge};
use super::transcript::print_as;
use crate::machine::wall_ms;

pub(super) const EXAMPLES: &str = "Examples:
  koumen sim centre --listen 127.0.0.1:7894 --stay --take-alarms
  koumen sim centre --listen 127.0.0.1:7894 --open talking
  koumen sim centre --to 127.0.0.1:7892 --call 2-1-1-1
  koumen sim centre --to 127.0.0.1:7895 --whom outdoor --open talking";

#[derive(Args)]
pub(in crate::command) struct Centre {
    /// Take calls and alarms here.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Call over a connection to here: the server, or a unit at an entrance.
    #[arg(long, value_name = "ADDRESS")]
    to: Option<SocketAddr>,
    /// Whom to call, by number; without one, whoever is connected to.
    #[arg(long, value_name = "NUMBER", requires = "to")]
    call: Option<String>,
    /// What is called.
    #[arg(long, value_enum, default_value_t = Whom::Flat, requires = "to")]
    whom: Whom,
    /// Whom to call, by address.
    #[arg(long, value_name = "ADDRESS", requires = "to")]
    call_at: Option<SocketAddr>,
    /// Open the door in a call.
    #[arg(long, value_enum)]
    open: Option<Open>,
    /// Answer each alarm as somebody who takes it.
    #[arg(long)]
    take_alarms: bool,
    /// A property application, not a centre.
    #[arg(long)]
    app: bool,
    /// The desk's number.
    #[arg(long, default_value = "desk")]
    id: String,
    #[command(flatten)]
    party: Party,
    #[command(flatten)]
    calls: Calls,
}

impl Centre {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        ensure!(
            self.to.is_some() || self.listen.is_some(),
            "nobody to call and nowhere to be called: give --to or --listen"
        );
        let call = self.to.map(|to| Calling {
            to,
            dest: callee(self.call.as_deref(), self.whom, self.call_at),
            patience: self.calls.patience(self.open),
        });
        let desk = Station {
            kind: if self.app {
                PartyKind::PropertyApp
            } else {
                PartyKind::Centre
            },
            id: self.id,
            profile: self.party.profile(),
            keep_alive: self.party.keep_alive(),
            from: self.party.from,
            listen: self.listen,
            call,
            manner: self.calls.manner(self.open),
            takes_alarms: self.take_alarms,
            stay: self.party.stay,
            limit: self.party.limit(),
            clock: wall_ms,
        };
        judge(desk.run(&mut print_as("centre")).await?)
    }
}
