//! `koumen sim door` and `phone`, against any server that speaks S0.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use sim::{
    Behaviour, DoorLogin, DoorOutcome, PhoneLogin, ServerAddress, login, run_door, run_phone,
};

use super::transcript::print;
use crate::machine::wall_ms;

pub(super) const DOOR_EXAMPLES: &str = "Examples:
  koumen sim door --device lobby --secret \"$SECRET\" --household 101
  koumen sim door --device lobby --secret \"$SECRET\" --household 101 --talk-s 20";

pub(super) const PHONE_EXAMPLES: &str = "Examples:
  koumen sim phone --name mum --password \"$PASSWORD\"
  koumen sim phone --name mum --password \"$PASSWORD\" --decline
  koumen sim phone --name mum --password \"$PASSWORD\" --unlock
  koumen sim phone --name mum --password \"$PASSWORD\" --answer-after-s 3 --stay";

#[derive(Args)]
struct Address {
    /// The server's HTTP address.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    http: String,
    /// The server's MQTT host.
    #[arg(long, default_value = "127.0.0.1")]
    mqtt_host: String,
    /// The server's MQTT port.
    #[arg(long, default_value_t = 1883)]
    mqtt_port: u16,
}

impl Address {
    fn server(&self) -> ServerAddress {
        ServerAddress {
            http: self.http.clone(),
            mqtt_host: self.mqtt_host.clone(),
            mqtt_port: self.mqtt_port,
            clock: wall_ms,
        }
    }
}

#[derive(Args)]
pub(in crate::command) struct DoorArguments {
    #[command(flatten)]
    address: Address,
    /// The door's device id.
    #[arg(long)]
    device: String,
    /// The door's secret.
    #[arg(long, env = "KOUMEN_SIM_SECRET", hide_env_values = true)]
    secret: String,
    /// The household number to dial.
    #[arg(long)]
    household: String,
    /// How long to talk once answered, in seconds.
    #[arg(long, default_value_t = 5)]
    talk_s: u64,
}

#[derive(Args)]
pub(in crate::command) struct PhoneArguments {
    #[command(flatten)]
    address: Address,
    /// The resident's login name.
    #[arg(long)]
    name: String,
    /// The resident's password.
    #[arg(long, env = "KOUMEN_SIM_PASSWORD", hide_env_values = true)]
    password: String,
    /// The MQTT client id.
    #[arg(long, default_value = "sim-phone")]
    client: String,
    /// How long to let it ring, in seconds.
    #[arg(long, default_value_t = 2)]
    answer_after_s: u64,
    /// Decline instead of answering.
    #[arg(long)]
    decline: bool,
    /// Open the door instead of answering.
    #[arg(long, conflicts_with = "decline")]
    unlock: bool,
    /// Keep waiting for further calls.
    #[arg(long)]
    stay: bool,
}

impl DoorArguments {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let login = DoorLogin {
            device_id: self.device,
            secret: self.secret,
        };
        let talk = Duration::from_secs(self.talk_s);
        let server = self.address.server();
        match run_door(&server, &login, &self.household, talk, &mut print).await? {
            DoorOutcome::Talked { .. } => Ok(()),
            DoorOutcome::Unanswered { reason, .. } => bail!("nobody answered: {reason}"),
            DoorOutcome::Refused { code, message } => bail!("refused with {code}: {message}"),
        }
    }
}

impl PhoneArguments {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let server = self.address.server();
        let login: PhoneLogin = login(&server, &self.name, &self.password)
            .await?
            .into_phone_login();
        let behaviour = Behaviour {
            answer_after: Duration::from_secs(self.answer_after_s),
            decline: self.decline,
            unlock: self.unlock,
            stay: self.stay,
        };
        run_phone(&server, &login, &self.client, behaviour, &mut print).await?;
        Ok(())
    }
}
