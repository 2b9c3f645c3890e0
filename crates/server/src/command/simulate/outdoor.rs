//! `koumen sim outdoor`: a unit at an entrance that speaks S3.

use std::net::SocketAddr;

use anyhow::ensure;
use clap::Args;
use sim::{Calling, PartyKind, Station};

use super::manner::{Calls, Party, Whom, callee, judge};
use super::transcript::print_as;
use crate::machine::wall_ms;

pub(super) const EXAMPLES: &str = "Examples:
  koumen sim outdoor --box 127.0.0.1:7891 --flat 2-1-1-1
  koumen sim outdoor --box 127.0.0.1:7891 --flat 2-1-1-1 --cancel-after-s 3
  koumen sim outdoor --desk 127.0.0.1:7894 --profile field
  koumen sim outdoor --listen 127.0.0.1:7895 --answer decline --stay";

#[derive(Args)]
pub(in crate::command) struct Outdoor {
    /// Call a flat through the box that listens here for the community.
    #[arg(long = "box", value_name = "ADDRESS", requires = "flat")]
    inner_box: Option<SocketAddr>,
    /// The flat's number.
    #[arg(long, value_name = "NUMBER", requires = "inner_box")]
    flat: Option<String>,
    /// Call a property desk that listens here, past every box.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "inner_box")]
    desk: Option<SocketAddr>,
    /// Take calls here.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The unit's number.
    #[arg(long, default_value = "2-1-1")]
    id: String,
    #[command(flatten)]
    party: Party,
    #[command(flatten)]
    calls: Calls,
}

impl Outdoor {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let call = self.call();
        ensure!(
            call.is_some() || self.listen.is_some(),
            "nobody to call and nowhere to be called: give --box, --desk or --listen"
        );
        let unit = Station {
            kind: PartyKind::Outdoor,
            id: self.id,
            profile: self.party.profile(),
            keep_alive: self.party.keep_alive(),
            from: self.party.from,
            listen: self.listen,
            call,
            manner: self.calls.manner(None),
            takes_alarms: false,
            stay: self.party.stay,
            limit: self.party.limit(),
            clock: wall_ms,
        };
        judge(unit.run(&mut print_as("outdoor")).await?)
    }

    fn call(&self) -> Option<Calling> {
        let (to, dest) = match (self.inner_box, self.desk) {
            (Some(to), _) => (to, callee(self.flat.as_deref(), Whom::Flat, None)),
            (None, Some(to)) => (to, callee(None, Whom::App, None)),
            (None, None) => return None,
        };
        let patience = self.calls.patience(None);
        Some(Calling { to, dest, patience })
    }
}
