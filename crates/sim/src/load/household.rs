//! A door and two phones with all their connections, on one task.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Instant;

use super::community::Home;
use super::error::LoadError;
use super::raw::{Answer, CALL_BYTES, HttpLine, MqttLine, Notice, SignIn};
use crate::server::ServerAddress;

const DOOR_TOPICS: &[&str] = &["mqtt_call/controller/device"];
pub(super) const PHONE_TOPICS: &[&str] = &[
    "mqtt_call/incoming",
    "mqtt_call/controller/resident",
    "mqtt_call/system",
];

/// The clocks of the generator.
#[derive(Clone, Copy)]
pub struct Clocks {
    /// Measures.
    pub monotonic: fn() -> Instant,
    /// Stamps requests: milliseconds since the epoch.
    pub wall_ms: fn() -> i64,
}

/// The door's seat; the phones sit at 1 and 2.
pub(super) const DOOR: usize = 0;
pub(super) const PHONES: [usize; 2] = [1, 2];
pub(super) const SEATS: usize = 3;

/// A connected household.
pub(super) struct Household {
    pub(super) home: Home,
    pub(super) server: ServerAddress,
    pub(super) clocks: Clocks,
    /// The phone that answers next; they take turns.
    pub(super) winner: usize,
    seats: [Seat; SEATS],
}

struct Seat {
    http: HttpLine,
    mqtt: MqttLine,
}

/// What one party got.
pub(super) enum Event {
    Answer(Answer),
    Notice(Notice),
}

impl Household {
    pub(super) async fn connect(
        server: &ServerAddress,
        home: Home,
        clocks: Clocks,
    ) -> Result<Self, LoadError> {
        let seats = seats(server, &home).await?;
        Ok(Self {
            home,
            server: server.clone(),
            clocks,
            winner: PHONES[0],
            seats,
        })
    }

    /// Makes all connections anew, after a call that failed.
    pub(super) async fn connect_again(&mut self) -> Result<(), LoadError> {
        self.seats = seats(&self.server, &self.home).await?;
        Ok(())
    }

    /// Posts as one of the parties.
    pub(super) async fn post(
        &mut self,
        seat: usize,
        path: &'static str,
        body: &str,
    ) -> Result<(), LoadError> {
        self.seats[seat].http.post(path, body).await
    }

    /// Waits for the answer to what a party posted, leaving its messages aside.
    pub(super) async fn answer(&mut self, seat: usize) -> Result<Answer, LoadError> {
        self.seats[seat].http.answer().await
    }

    /// Whatever comes next to any of the parties, when it came, with messages acknowledged.
    pub(super) async fn next(&mut self) -> Result<(usize, Event, Instant), LoadError> {
        let (at, event) = poll_fn(|waker| {
            for (at, seat) in self.seats.iter_mut().enumerate() {
                if let Poll::Ready(notice) = seat.mqtt.poll_notice(waker) {
                    return Poll::Ready(notice.map(|notice| (at, Event::Notice(notice))));
                }
                if let Poll::Ready(answer) = seat.http.poll_answer(waker) {
                    return Poll::Ready(answer.map(|answer| (at, Event::Answer(answer))));
                }
            }
            Poll::Pending
        })
        .await?;
        let now = (self.clocks.monotonic)();
        if let Event::Notice(notice) = &event {
            self.seats[at].mqtt.acknowledge(notice).await?;
        }
        Ok((at, event, now))
    }

    /// One more connection of the household's first phone, with subscriptions, closed again.
    pub(super) async fn reconnect(&self) -> Result<(), LoadError> {
        phone(&self.server, &self.home, 0, "again").await?;
        Ok(())
    }
}

async fn seats(server: &ServerAddress, home: &Home) -> Result<[Seat; SEATS], LoadError> {
    let token = |name: usize| format!("authorization: Bearer {}\r\n", home.phones[name].token);
    let door = &home.door;
    let door_headers = format!(
        "authorization: Bearer {}\r\nx-device-id: {}\r\n",
        door.secret, door.device_id
    );
    let sign_in = SignIn {
        client: &door.device_id,
        user: &door.device_id,
        password: &door.secret,
        clean: true,
        room: CALL_BYTES,
    };
    let door = Seat {
        http: http(server, &door_headers).await?,
        mqtt: MqttLine::connect(&broker(server), &sign_in, DOOR_TOPICS).await?,
    };
    let one = Seat {
        http: http(server, &token(0)).await?,
        mqtt: phone(server, home, 0, "phone").await?,
    };
    let other = Seat {
        http: http(server, &token(1)).await?,
        mqtt: phone(server, home, 1, "phone").await?,
    };
    Ok([door, one, other])
}

async fn phone(
    server: &ServerAddress,
    home: &Home,
    which: usize,
    client: &str,
) -> Result<MqttLine, LoadError> {
    let login = &home.phones[which];
    let sign_in = SignIn {
        client,
        user: &login.resident_id,
        password: &login.token,
        clean: true,
        room: CALL_BYTES,
    };
    MqttLine::connect(&broker(server), &sign_in, PHONE_TOPICS).await
}

async fn http(server: &ServerAddress, identity: &str) -> Result<HttpLine, LoadError> {
    let address = server.http.trim_start_matches("http://");
    HttpLine::connect(address, format!("host: {address}\r\n{identity}")).await
}

pub(super) fn broker(server: &ServerAddress) -> String {
    format!("{}:{}", server.mqtt_host, server.mqtt_port)
}
