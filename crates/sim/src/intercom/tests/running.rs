//! A party that runs beside the test, which watches what happens to it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::error::SimError;
use crate::intercom::{
    Answer, Channel, Event, KeepAlive, Manner, Message, OpenDoor, Outcome, Party, PartyKind,
    Patience, Profile, Request, Screen, Station,
};

pub(super) const LOCALHOST: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Answers at once and talks until the other side hangs up.
pub(super) const ANSWERS: Manner = Manner {
    answer: Answer::Accept,
    after: Duration::ZERO,
    open: OpenDoor::Never,
    talk: Duration::from_secs(60),
};

/// Waits long and hangs up as soon as it is answered.
pub(super) const SHORT: Patience = Patience {
    ring: Duration::from_secs(60),
    talk: Duration::ZERO,
    open: false,
};

pub(super) struct Running {
    events: mpsc::Receiver<Event>,
    run: JoinSet<Result<Outcome, SimError>>,
}

impl Running {
    pub(super) fn station(station: Station) -> Self {
        let (sender, events) = mpsc::channel(100);
        let mut run = JoinSet::new();
        run.spawn(async move {
            let mut tell = |event| sender.try_send(event).unwrap();
            station.run(&mut tell).await
        });
        Self { events, run }
    }

    pub(super) fn screen(screen: Screen) -> Self {
        let (sender, events) = mpsc::channel(100);
        let mut run = JoinSet::new();
        run.spawn(async move {
            let mut tell = |event| sender.try_send(event).unwrap();
            screen.run(&mut tell).await
        });
        Self { events, run }
    }

    pub(super) async fn next(&mut self) -> Event {
        self.events.recv().await.expect("the party runs")
    }

    /// The first that is wanted; the others are dropped.
    pub(super) async fn until(&mut self, is_wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.next().await;
            if is_wanted(&event) {
                return event;
            }
        }
    }

    pub(super) async fn listens(&mut self) -> SocketAddr {
        let event = self.next().await;
        let Event::Listens(at) = event else {
            panic!("{event}");
        };
        at
    }

    /// The end of the run, and what happened that nobody looked at yet.
    pub(super) async fn over(mut self) -> (Result<Outcome, SimError>, Vec<Event>) {
        let outcome = self.run.join_next().await.unwrap().unwrap();
        let mut rest = Vec::new();
        while let Some(event) = self.events.recv().await {
            rest.push(event);
        }
        (outcome, rest)
    }
}

/// A station that listens, answers at once and ends with its first call.
pub(super) fn station(kind: PartyKind, id: &str) -> Station {
    Station {
        kind,
        id: id.to_owned(),
        profile: Profile::V04,
        keep_alive: KeepAlive::default(),
        from: None,
        listen: Some(LOCALHOST),
        call: None,
        manner: ANSWERS,
        takes_alarms: false,
        stay: false,
        limit: Some(Duration::from_secs(60)),
        clock: || 5_000_056_780,
    }
}

pub(super) async fn listener() -> TcpListener {
    TcpListener::bind(LOCALHOST).await.unwrap()
}

pub(super) async fn dial(to: SocketAddr) -> Channel {
    let manner = (Profile::Field, KeepAlive::default());
    Channel::connect(to, None, manner).await.unwrap()
}

pub(super) async fn accept(listener: &TcpListener) -> Channel {
    let (stream, _) = listener.accept().await.unwrap();
    Channel::over(stream, (Profile::V04, KeepAlive::default()))
}

pub(super) async fn say(channel: &mut Channel, message: Message) {
    channel.post(&message);
    channel.flush().await.unwrap();
}

/// A visitor at an entrance calls.
pub(super) fn ring(sid: &str) -> Message {
    let src = Party {
        id: "2-1-1".to_owned(),
        kind: Some(PartyKind::Outdoor),
        ..Party::default()
    };
    Message::Request(Box::new(Request {
        sid: sid.to_owned(),
        src,
        dest: Party::default(),
    }))
}
