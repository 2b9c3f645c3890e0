//! `koumen sim screen`: a screen in a flat that speaks S3.

use std::net::SocketAddr;

use clap::Args;
use sim::{Screen, ScreenLogin};

use super::manner::{Calls, Open, Party, Whom, callee, judge};
use super::transcript::print_as;
use crate::machine::wall_ms;

pub(super) const EXAMPLES: &str = "Examples:
  koumen sim screen --home 127.0.0.1:7890 --device screen-1 --secret \"$SECRET\"
  koumen sim screen --home 127.0.0.1:7890 --device screen-1 --secret \"$SECRET\" \\
    --after-ms 500 --open ringing --stay
  koumen sim screen --home 127.0.0.1:7890 --device screen-1 --secret \"$SECRET\" \\
    --call 2-1-1 --whom outdoor";

#[derive(Args)]
pub(in crate::command) struct ScreenArguments {
    /// The server's HTTP address.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    http: String,
    /// Where the box listens for the home.
    #[arg(long, value_name = "ADDRESS")]
    home: SocketAddr,
    /// The screen's device id.
    #[arg(long)]
    device: String,
    /// The screen's secret.
    #[arg(long, env = "KOUMEN_SIM_SECRET", hide_env_values = true)]
    secret: String,
    /// Call somebody by number once joined.
    #[arg(long, value_name = "NUMBER")]
    call: Option<String>,
    /// Call somebody by address once joined.
    #[arg(long, value_name = "ADDRESS")]
    call_at: Option<SocketAddr>,
    /// What is called.
    #[arg(long, value_enum, default_value_t = Whom::Flat)]
    whom: Whom,
    /// Open the door in a call.
    #[arg(long, value_enum)]
    open: Option<Open>,
    /// The central stream server, for calls between rooms in v0.5.
    #[arg(long, value_name = "URL")]
    central: Option<String>,
    #[command(flatten)]
    party: Party,
    #[command(flatten)]
    calls: Calls,
}

impl ScreenArguments {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let calls_out = self.call.is_some() || self.call_at.is_some();
        let dest = callee(self.call.as_deref(), self.whom, self.call_at);
        let patience = self.calls.patience(self.open);
        let screen = Screen {
            login: ScreenLogin {
                device_id: self.device,
                secret: self.secret,
            },
            http: self.http,
            home: self.home,
            profile: self.party.profile(),
            keep_alive: self.party.keep_alive(),
            from: self.party.from,
            central: self.central,
            call: calls_out.then_some((dest, patience)),
            manner: self.calls.manner(self.open),
            stay: self.party.stay,
            limit: self.party.limit(),
            clock: wall_ms,
        };
        judge(screen.run(&mut print_as("screen")).await?)
    }
}
