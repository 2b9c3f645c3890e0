//! `koumen demo`: a made-up community on loopback, real calls over real sockets, then an open
//! house with ready-to-paste commands.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use app::directory::{CallTimes, Device, DeviceKind, RoomNaming};
use app::manage::{Directory, NewCommunity, NewFlat, NewResident};
use app::principal::DoorControl;
use app::secret::Secret;
use clap::Args;
use sim::{
    Behaviour, DoorLogin, DoorOutcome, PhoneLogin, ScreenLogin, ServerAddress, login, run_door,
    run_phone,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::command::gate::Gate;
use crate::command::logs;
use crate::command::serve::stop_on_signal;
use crate::command::simulate::print;
use crate::config::Config;
use crate::house::House;
use crate::listen::Listen;
use crate::machine::wall_ms;
use crate::say;

pub(super) const EXAMPLES: &str = "Examples:
  koumen demo             show two calls, then keep serving until Ctrl-C
  koumen demo --once      show two calls and end
  koumen demo --data dir  keep the made-up community in a folder";

const HOUSEHOLD: &str = "1-101";
const DOOR: &str = "lobby";
const TALK: Duration = Duration::from_secs(2);

#[derive(Args)]
pub(super) struct Demo {
    /// End after the calls.
    #[arg(long)]
    once: bool,
    /// A new folder to keep the data in, instead of a temporary one.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// Everything that was made up.
struct Cast {
    operator_password: String,
    resident_password: String,
    door: DoorLogin,
    screen: ScreenLogin,
}

impl Demo {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        logs::start("warn");
        let temporary = tempfile::tempdir().context("a temporary folder")?;
        let data = self
            .data
            .clone()
            .unwrap_or_else(|| temporary.path().join("data"));
        let mut config = Config {
            data,
            ..Config::default()
        };
        config.http.listen = free(8080);
        config.mqtt.listen = free(1883);
        let stop = CancellationToken::new();
        config.smartbox.home = any_port();
        config.smartbox.community = any_port();
        let house = House::start(&config, stop.clone()).await?;
        let server = address(&house)?;
        say::line(&format!(
            "Koumen runs at {} and mqtt://{}:{}",
            server.http, server.mqtt_host, server.mqtt_port
        ));
        let cast = make_up(&house.directory)
            .await
            .context("the made-up community; a folder given with --data must be new")?;
        let mum = login(&server, "mum", &cast.resident_password)
            .await?
            .into_phone_login();
        show_call(&server, &cast.door, &mum).await?;
        let gate = Gate::at(&house, &server, (HOUSEHOLD, &cast.screen))?;
        gate.show(&mum).await?;
        if self.once {
            stop.cancel();
        } else {
            invite(&server, &cast, &mum);
            invite_to_gate(&gate);
            stop_on_signal(&stop).await?;
        }
        house.stopped().await
    }
}

/// The usual port on loopback, or a free one where it is taken.
fn free(port: u16) -> Listen {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Listen::At(match TcpListener::bind(usual) {
        Ok(_) => usual,
        Err(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
    })
}

fn any_port() -> Listen {
    Listen::At(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
}

fn address(house: &House) -> anyhow::Result<ServerAddress> {
    let open = house.at.http.zip(house.at.mqtt);
    let (http, mqtt) = open.context("the demo's ports are open")?;
    Ok(ServerAddress {
        http: format!("http://{http}"),
        mqtt_host: mqtt.ip().to_string(),
        mqtt_port: mqtt.port(),
        clock: wall_ms,
    })
}

async fn make_up(directory: &Directory) -> anyhow::Result<Cast> {
    let operator_password = "demo-operator".to_owned();
    let resident_password = "demo-resident".to_owned();
    directory
        .add_owner("operator", Secret::new(operator_password.clone()))
        .await?;
    let community = directory
        .add_community(NewCommunity {
            name: "Demo Gardens".into(),
            rooms: RoomNaming::Auto,
            times: CallTimes::default(),
            declines: None,
        })
        .await?;
    let flat = NewFlat {
        community: community.id.clone(),
        unit: None,
        number: HOUSEHOLD.into(),
        times: CallTimes::default(),
    };
    let flat = directory.add_flat(flat).await?;
    for name in ["mum", "dad"] {
        let (flat, name) = (flat.id.clone(), name.to_owned());
        let password = Secret::new(resident_password.clone());
        directory
            .add_resident(NewResident {
                flat,
                name,
                password,
            })
            .await?;
    }
    let screen = Gate::build(directory, (&community, &flat)).await?;
    let lobby = Device {
        id: DOOR.into(),
        community: community.id,
        name: "Lobby door".into(),
        place: "Entrance 1".into(),
        unit: None,
        kind: DeviceKind::Panel(DoorControl::Fixed),
        times: CallTimes::default(),
    };
    let device = directory.add_device(lobby).await?;
    let secret = device.secret.expose().to_owned();
    let door = DoorLogin {
        device_id: DOOR.to_owned(),
        secret,
    };
    Ok(Cast {
        operator_password,
        resident_password,
        door,
        screen,
    })
}

/// A door and a phone, each over its own sockets.
async fn show_call(
    server: &ServerAddress,
    door: &DoorLogin,
    mum: &PhoneLogin,
) -> anyhow::Result<()> {
    say::line("A visitor presses the button; mum's phone rings:");
    let (phone_server, phone_login) = (server.clone(), mum.clone());
    let mut phones = JoinSet::new();
    phones.spawn(async move {
        let behaviour = Behaviour {
            answer_after: Duration::from_secs(1),
            decline: false,
            unlock: false,
            stay: false,
        };
        run_phone(
            &phone_server,
            &phone_login,
            "demo-phone",
            behaviour,
            &mut print,
        )
        .await
    });
    let outcome = run_door(server, door, HOUSEHOLD, TALK, &mut print).await?;
    while let Some(phone) = phones.join_next().await {
        phone??;
    }
    match outcome {
        DoorOutcome::Talked { .. } => Ok(()),
        DoorOutcome::Unanswered { reason, .. } => bail!("nobody answered: {reason}"),
        DoorOutcome::Refused { code, message } => bail!("refused with {code}: {message}"),
    }
}

/// What a person can paste to take part.
fn invite(server: &ServerAddress, cast: &Cast, mum: &PhoneLogin) {
    let (http, host, port) = (&server.http, &server.mqtt_host, server.mqtt_port);
    let PhoneLogin { resident_id, token } = mum;
    let DoorLogin { device_id, secret } = &cast.door;
    let password = &cast.operator_password;
    say::line(&format!(
        "
Now you: be mum's phone in one terminal (Debian: apt install mosquitto-clients) …

  mosquitto_sub -h {host} -p {port} -i my-phone -u {resident_id} -P '{token}' -q 1 -v \\
    -t mqtt_call/incoming -t mqtt_call/controller/resident

… press the button in another …

  curl -s {http}/api/mqtt/call -H 'X-Device-Id: {device_id}' -H 'Authorization: Bearer {secret}' \\
    -d '{{\"device_device_id\": \"{device_id}\", \"household_number\": \"{HOUSEHOLD}\"}}'

… and answer with the call_id you see:

  curl -s {http}/api/mqtt/controller/resident -H 'Authorization: Bearer {token}' \\
    -d '{{\"action\": \"answered\", \"call_id\": \"CALL_ID\"}}'

The operator signs in at POST {http}/v1/login as operator / {password}; records of calls are at
GET {http}/v1/records. Ctrl-C ends it."
    ));
}

fn invite_to_gate(gate: &Gate) {
    let (community, from) = (gate.community, gate.community.ip());
    say::line(&format!(
        "
Or be the visitor at the gate, whom your phone hears too:

  koumen sim outdoor --box {community} --flat {HOUSEHOLD} --from {from}"
    ));
}
