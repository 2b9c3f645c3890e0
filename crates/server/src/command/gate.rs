//! The demo's second scene: a unit at the gate, which speaks TCP, rings a screen and a phone at once.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context;
use app::directory::{CallTimes, Community, Device, DeviceKind, Flat, Peer, Profile};
use app::manage::Directory;
use sim::{
    Answer, Behaviour, Calling, Event, KeepAlive, Line, Manner, Message, OpenDoor, Outcome, Party,
    PartyKind, Patience, PhoneLogin, PhoneOutcome, Screen, ScreenLogin, ServerAddress, Station,
    run_phone,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::command::simulate::{judge, print, print_as};
use crate::house::House;
use crate::machine::wall_ms;
use crate::say;

/// The unit's number, and the screen's.
const GATE: &str = "gate";
const SCREEN: &str = "hall";

/// The unit is known by its address; nobody else speaks to the box from there.
const GATE_AT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7893);

/// How long the screen rings before it answers.
const RINGING: Duration = Duration::from_secs(1);
const TALK: Duration = Duration::from_secs(2);
/// Nobody waits so long in a demo.
const LONG: Duration = Duration::from_secs(60);

/// Who plays, and where.
pub(super) struct Gate {
    server: ServerAddress,
    home: SocketAddr,
    /// Where the box listens for units.
    pub(super) community: SocketAddr,
    flat: String,
    screen: ScreenLogin,
}

impl Gate {
    /// Adds a unit at the gate and a screen in the flat.
    pub(super) async fn build(
        directory: &Directory,
        (community, flat): (&Community, &Flat),
    ) -> anyhow::Result<ScreenLogin> {
        let profile = Profile::V04;
        let unit = DeviceKind::Outdoor(Peer {
            ip: GATE_AT.ip(),
            port: GATE_AT.port(),
            profile,
        });
        let screen = DeviceKind::Screen {
            flat: flat.id.clone(),
            profile,
        };
        let device = |id: &str, name: &str, kind| Device {
            id: id.into(),
            community: community.id.clone(),
            name: name.into(),
            place: String::new(),
            unit: None,
            kind,
            times: CallTimes::default(),
        };
        directory.add_device(device(GATE, "Gate", unit)).await?;
        let hall = device(SCREEN, "Screen in the hall", screen);
        let hall = directory.add_device(hall).await?;
        Ok(ScreenLogin {
            device_id: SCREEN.to_owned(),
            secret: hall.secret.expose().to_owned(),
        })
    }

    /// The scene in a house whose box is open.
    pub(super) fn at(
        house: &House,
        server: &ServerAddress,
        (flat, screen): (&str, &ScreenLogin),
    ) -> anyhow::Result<Self> {
        let listener = |wanted: &str| {
            let found = house.boxes_at.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, at)| *at).context("the demo's box is open")
        };
        Ok(Self {
            server: server.clone(),
            home: listener("smartbox home")?,
            community: listener("smartbox community")?,
            flat: flat.to_owned(),
            screen: screen.clone(),
        })
    }

    /// The unit calls, the screen and mum's phone ring, the screen answers.
    pub(super) async fn show(&self, mum: &PhoneLogin) -> anyhow::Result<()> {
        say::line("A visitor at the gate calls over TCP; the screen and mum's phone ring at once:");
        let (ready, mut joined) = mpsc::channel(1);
        let mut screens = JoinSet::new();
        screens.spawn(ring_screen(self.screen(), ready));
        joined.recv().await.context("the screen did not join")?;
        let mut phones = JoinSet::new();
        let (ready, mut connected) = mpsc::channel(1);
        phones.spawn(ring_phone(self.server.clone(), mum.clone(), ready));
        connected
            .recv()
            .await
            .context("the phone did not connect")?;

        let called = self.unit().run(&mut print_as("outdoor")).await?;
        while let Some(screen) = screens.join_next().await {
            screen??;
        }
        while let Some(phone) = phones.join_next().await {
            phone??;
        }
        judge(called)
    }

    fn unit(&self) -> Station {
        let dest = Party {
            id: self.flat.clone(),
            kind: Some(PartyKind::InnerBox),
            ..Party::default()
        };
        let patience = Patience {
            ring: LONG,
            talk: TALK,
            open: false,
        };
        Station {
            kind: PartyKind::Outdoor,
            id: GATE.to_owned(),
            profile: sim::Profile::V04,
            keep_alive: KeepAlive::default(),
            from: Some(GATE_AT.ip()),
            listen: None,
            call: Some(Calling {
                to: self.community,
                dest,
                patience,
            }),
            manner: answers(),
            takes_alarms: false,
            stay: false,
            limit: None,
            clock: wall_ms,
        }
    }

    fn screen(&self) -> Screen {
        Screen {
            login: self.screen.clone(),
            http: self.server.http.clone(),
            home: self.home,
            profile: sim::Profile::V04,
            keep_alive: KeepAlive::default(),
            from: None,
            central: None,
            call: None,
            manner: answers(),
            stay: false,
            limit: None,
            clock: wall_ms,
        }
    }
}

fn answers() -> Manner {
    Manner {
        answer: Answer::Accept,
        after: RINGING,
        open: OpenDoor::Never,
        talk: LONG,
    }
}

/// Says when the screen has joined; the visitor comes only then.
async fn ring_screen(screen: Screen, ready: mpsc::Sender<Event>) -> anyhow::Result<Outcome> {
    let mut tell = print_as("screen");
    let mut watch = |event: Event| {
        if matches!(event, Event::Heard(Message::Joined { .. })) {
            // Whoever waits needs to hear it once.
            drop(ready.try_send(event.clone()));
        }
        tell(event);
    };
    Ok(screen.run(&mut watch).await?)
}

/// The same of the phone, whose first line says that it has connected.
async fn ring_phone(
    server: ServerAddress,
    mum: PhoneLogin,
    ready: mpsc::Sender<Line>,
) -> anyhow::Result<PhoneOutcome> {
    let behaviour = Behaviour {
        answer_after: LONG,
        decline: false,
        unlock: false,
        stay: false,
    };
    let mut watch = |line: Line| {
        drop(ready.try_send(line.clone()));
        print(line);
    };
    Ok(run_phone(&server, &mum, "demo-phone", behaviour, &mut watch).await?)
}
