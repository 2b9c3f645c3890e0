//! The simulated parties, which share no code with the server, in every edition of the protocol.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use sim::{
    Answer, Calling, Event, KeepAlive, Manner, Message, OpenDoor, Outcome, Party, PartyKind,
    Patience, Profile, Screen, ScreenLogin, SimError, Station,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::boxes::town::{HOME, Town, add_device};
use crate::community::HOUSEHOLD;

/// Each edition, and where its unit or desk is.
const EDITIONS: [(&str, Profile, &str); 3] = [
    ("v0.4", Profile::V04, "127.0.1.41"),
    ("v0.5", Profile::V05, "127.0.1.42"),
    ("field", Profile::Field, "127.0.1.43"),
];

#[tokio::test]
async fn a_unit_calls_a_flat_in_every_edition() {
    let town = Town::start().await;
    for (number, (words, profile, ip)) in EDITIONS.into_iter().enumerate() {
        let to = town.community.server.boxes["community"];
        let unit = station(PartyKind::Outdoor, profile, ip);
        let unit = calls(unit, to, (PartyKind::InnerBox, HOUSEHOLD));
        add(&town, ("outdoor", words), (number, Some(format!("{ip}:1")))).await;
        let mut screen = Playing::screen(screen(&town, (words, profile), number).await);

        screen
            .until(|event| matches!(event, Event::Heard(Message::Joined { .. })))
            .await;
        let mut unit = Playing::station(unit);

        assert!(talked(&unit.over().await), "{words}");
        assert!(talked(&screen.over().await), "{words}");
    }
}

#[tokio::test]
async fn a_screen_calls_a_unit_and_a_desk_in_every_edition() {
    let town = Town::start().await;
    let mut number = 0;
    for (words, profile, ip) in EDITIONS {
        for (kind, party) in [
            ("outdoor", PartyKind::Outdoor),
            ("centre", PartyKind::Centre),
        ] {
            // A device's address is its own.
            let ip = ip.replace("127.0.1", &format!("127.0.{}", 10 + number));
            let mut called = Playing::station(station(party, profile, &ip));
            let Event::Listens(at) = called.next().await else {
                panic!("it listens first");
            };
            let id = add(&town, (kind, words), (number, Some(at.to_string())))
                .await
                .0;
            let mut caller = screen(&town, (words, profile), number).await;
            caller.call = Some((callee(party, &id), PATIENCE));

            let outcome = Playing::screen(caller).over().await;

            assert!(talked(&outcome), "{kind} {words}: {outcome:?}");
            assert!(talked(&called.over().await), "{kind} {words}");
            number += 1;
        }
    }
}

#[tokio::test]
async fn a_desk_calls_a_flat_in_every_edition() {
    let town = Town::start().await;
    for (number, (words, profile, ip)) in EDITIONS.into_iter().enumerate() {
        let to = town.community.server.boxes["centre"];
        let desk = station(PartyKind::Centre, profile, ip);
        let desk = calls(desk, to, (PartyKind::InnerBox, HOUSEHOLD));
        add(&town, ("centre", words), (number, Some(format!("{ip}:1")))).await;
        let mut screen = Playing::screen(screen(&town, (words, profile), number).await);

        screen
            .until(|event| matches!(event, Event::Heard(Message::Joined { .. })))
            .await;
        let mut desk = Playing::station(desk);

        assert!(talked(&desk.over().await), "{words}");
        assert!(talked(&screen.over().await), "{words}");
    }
}

/// Waits long, and hangs up as soon as it is answered.
const PATIENCE: Patience = Patience {
    ring: Duration::from_secs(20),
    talk: Duration::ZERO,
    open: false,
};

/// Answers at once.
const ANSWERS: Manner = Manner {
    answer: Answer::Accept,
    after: Duration::ZERO,
    open: OpenDoor::Never,
    talk: Duration::from_secs(20),
};

fn talked(outcome: &Result<Outcome, SimError>) -> bool {
    matches!(outcome, Ok(Outcome::Talked { .. }))
}

/// A party that plays beside the test.
struct Playing {
    events: mpsc::Receiver<Event>,
    run: JoinSet<Result<Outcome, SimError>>,
}

impl Playing {
    fn station(station: Station) -> Self {
        let (sender, events) = mpsc::channel(100);
        let mut run = JoinSet::new();
        run.spawn(async move {
            let mut tell = |event| drop(sender.try_send(event));
            station.run(&mut tell).await
        });
        Self { events, run }
    }

    fn screen(screen: Screen) -> Self {
        let (sender, events) = mpsc::channel(100);
        let mut run = JoinSet::new();
        run.spawn(async move {
            let mut tell = |event| drop(sender.try_send(event));
            screen.run(&mut tell).await
        });
        Self { events, run }
    }

    async fn next(&mut self) -> Event {
        self.events.recv().await.expect("it plays")
    }

    async fn until(&mut self, is_wanted: impl Fn(&Event) -> bool) {
        while !is_wanted(&self.next().await) {}
    }

    async fn over(&mut self) -> Result<Outcome, SimError> {
        self.run.join_next().await.expect("it plays").unwrap()
    }
}

/// A party that listens at its address.
fn station(kind: PartyKind, profile: Profile, ip: &str) -> Station {
    let ip = ip.parse().unwrap();
    Station {
        kind,
        id: "2-1-1".to_owned(),
        profile,
        keep_alive: KeepAlive::default(),
        from: Some(ip),
        listen: Some(SocketAddr::new(ip, 0)),
        call: None,
        manner: ANSWERS,
        takes_alarms: false,
        stay: false,
        limit: Some(Duration::from_secs(60)),
        clock: || 5_000_056_780,
    }
}

fn calls(station: Station, to: SocketAddr, (kind, id): (PartyKind, &str)) -> Station {
    let dest = callee(kind, id);
    Station {
        listen: None,
        call: Some(Calling {
            to,
            dest,
            patience: PATIENCE,
        }),
        ..station
    }
}

fn callee(kind: PartyKind, id: &str) -> Party {
    Party {
        id: id.to_owned(),
        kind: Some(kind),
        ..Party::default()
    }
}

/// Registers a device: its id and its secret.
async fn add(
    town: &Town,
    (kind, words): (&str, &str),
    (number, address): (usize, Option<String>),
) -> (String, String) {
    let id = format!("{kind}-{number}");
    let device = json!({"id": id, "kind": kind, "address": address, "profile": words});
    let flat = (kind == "screen").then_some(HOUSEHOLD);
    let secret = add_device(&town.community, device, flat).await;
    (id, secret)
}

/// A screen of the household that answers at once.
async fn screen(town: &Town, (words, profile): (&str, Profile), number: usize) -> Screen {
    let (device_id, secret) = add(town, ("screen", words), (number, None)).await;
    let server = &town.community.server;
    Screen {
        login: ScreenLogin { device_id, secret },
        http: server.http.clone(),
        home: server.boxes["home"],
        profile,
        keep_alive: KeepAlive::default(),
        from: Some(HOME.parse().unwrap()),
        central: None,
        call: None,
        manner: ANSWERS,
        stay: false,
        limit: Some(Duration::from_secs(60)),
        clock: || 5_000_056_780,
    }
}
