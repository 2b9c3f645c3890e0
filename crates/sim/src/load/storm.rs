//! Phones with lasting sessions that all lose their connection and all come back at once.
//!
//! Each resident has as many as the server keeps sessions for. They subscribe again, as phones do,
//! and are never rung.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::community::Home;
use super::error::LoadError;
use super::household::{PHONE_TOPICS, broker};
use super::raw::{MqttLine, SignIn};
use crate::server::ServerAddress;

/// Room for unread bytes of a phone that hears nothing but CONNACK and SUBACK.
const ROOM: usize = 256;

/// Lasting sessions of one resident, as many as the server keeps.
const SESSIONS_EACH: usize = 8;

/// Residents of one home.
const RESIDENTS_EACH: usize = 2;

/// Handshakes at one time when they come for the first time.
const FIRST_AT_ONCE: usize = 64;

/// Between two attempts of one phone, as one that wants to be back at once would try.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// How long a wave may take; a server that has not let everybody in by then does not work.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whose phones they are, and where they connect.
struct Residents {
    broker: String,
    homes: Vec<Home>,
}

/// All phones, connected or not. Dropping it closes the sockets.
pub struct Storm {
    residents: Arc<Residents>,
    count: usize,
    lines: Vec<MqttLine>,
    clock: fn() -> Instant,
}

/// One coming back of all.
#[derive(Clone, Copy, Debug)]
pub struct Wave {
    /// From the loss of all connections to the last SUBACK.
    pub served: Duration,
    /// Attempts that failed before one worked.
    pub retries: usize,
}

impl Storm {
    /// How many homes so many phones need.
    pub fn homes(phones: usize) -> usize {
        phones.div_ceil(RESIDENTS_EACH * SESSIONS_EACH)
    }

    /// Connects `count` phones of these homes, a few at a time.
    pub async fn gather(
        server: &ServerAddress,
        (homes, count): (&[Home], usize),
        clock: fn() -> Instant,
    ) -> Result<Self, LoadError> {
        let residents = Residents {
            broker: broker(server),
            homes: homes.to_vec(),
        };
        let mut storm = Self {
            residents: Arc::new(residents),
            count,
            lines: Vec::new(),
            clock,
        };
        storm.come(FIRST_AT_ONCE).await?;
        Ok(storm)
    }

    /// All lose their connections and come back at once.
    pub async fn wave(&mut self) -> Result<Wave, LoadError> {
        let from = (self.clock)();
        self.lines.clear();
        let retries = self.come(self.count).await?;
        Ok(Wave {
            served: (self.clock)().saturating_duration_since(from),
            retries,
        })
    }

    /// How many attempts failed.
    async fn come(&mut self, at_once: usize) -> Result<usize, LoadError> {
        let places = Arc::new(Semaphore::new(at_once));
        let mut coming = JoinSet::new();
        for number in 0..self.count {
            let residents = Arc::clone(&self.residents);
            coming.spawn(come(residents, number, Arc::clone(&places)));
        }
        let mut retries = 0;
        let everybody = async {
            while let Some(come) = coming.join_next().await {
                let (line, tries) = come.map_err(|_| LoadError::Closed)??;
                self.lines.push(line);
                retries += tries;
            }
            Ok(())
        };
        let missing = "a SUBACK";
        let came = timeout(PATIENCE, everybody).await;
        came.unwrap_or(Err(LoadError::Hung { missing }))?;
        Ok(retries)
    }
}

/// Tries until let in; a refusal is final.
async fn come(
    residents: Arc<Residents>,
    number: usize,
    places: Arc<Semaphore>,
) -> Result<(MqttLine, usize), LoadError> {
    let _place = places.acquire().await.map_err(|_| LoadError::Closed)?;
    let mut tries = 0;
    loop {
        match residents.enter(number).await {
            Err(LoadError::Broken(_) | LoadError::Closed) => {
                tries += 1;
                sleep(RETRY_PAUSE).await;
            }
            done => return done.map(|line| (line, tries)),
        }
    }
}

impl Residents {
    async fn enter(&self, number: usize) -> Result<MqttLine, LoadError> {
        let (resident, session) = (number / SESSIONS_EACH, number % SESSIONS_EACH);
        let home = self.homes.get(resident / RESIDENTS_EACH);
        let missing = LoadError::Unexpected("fewer homes than the phones need");
        let login = &home.ok_or(missing)?.phones[resident % RESIDENTS_EACH];
        let sign_in = SignIn {
            client: &format!("storm-{session}"),
            user: &login.resident_id,
            password: &login.token,
            clean: false,
            room: ROOM,
        };
        MqttLine::connect(&self.broker, &sign_in, PHONE_TOPICS).await
    }
}
