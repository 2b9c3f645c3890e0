//! Many clients that connect, subscribe or take what waits for them, and then say nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::line::{Line, Visitor};
use crate::load::error::LoadError;
use crate::load::stream::Target;

/// Room for unread bytes of a client that hears nothing but SUBACK or one message.
const ROOM: usize = 256;

/// Between two attempts of one client, as a phone that wants to be back at once would try.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// How long a crowd may take; a broker that has not let everybody in by then does not work.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who comes.
#[derive(Clone, Copy)]
pub struct Crowd {
    /// How many clients.
    pub count: usize,
    /// How many of them shake hands at one time.
    pub at_once: usize,
    /// Whether they start without an earlier session and leave none.
    pub clean: bool,
    /// What each does.
    pub errand: Errand,
}

/// What a client does once it is let in.
#[derive(Clone, Copy)]
pub enum Errand {
    /// Subscribes to the filters of its number.
    Subscribe(fn(usize) -> Vec<String>),
    /// Takes and acknowledges a message that waits in its session, and does not subscribe again.
    Collect,
}

/// A crowd that was let in and served, every one with SUBACK or its message. Dropping it closes the sockets.
pub struct Crowded {
    lines: Vec<Line>,
    /// From the first attempt to the last SUBACK or message.
    pub served: Duration,
    /// Attempts that failed before one worked.
    pub retries: usize,
}

impl Crowded {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.lines.len()
    }
}

/// Connects everybody. Clients have the same ids each time, so they find their sessions again.
pub async fn gather(
    target: &Target,
    crowd: &Crowd,
    clock: fn() -> Instant,
) -> Result<Crowded, LoadError> {
    let from = clock();
    let mut lines = Vec::with_capacity(crowd.count);
    let mut retries = 0;
    let everybody = async {
        let places = Arc::new(Semaphore::new(crowd.at_once));
        let mut coming = JoinSet::new();
        for number in 0..crowd.count {
            coming.spawn(come(target.clone(), number, *crowd, Arc::clone(&places)));
        }
        while let Some(come) = coming.join_next().await {
            let Ok((line, tries)) = come else {
                return Err(LoadError::Closed);
            };
            lines.push(line?);
            retries += tries;
        }
        Ok(())
    };
    match timeout(PATIENCE, everybody).await {
        Ok(done) => done?,
        Err(_) => {
            return Err(LoadError::Hung {
                missing: "a SUBACK, or a message that waits",
            });
        }
    }
    Ok(Crowded {
        lines,
        served: clock().saturating_duration_since(from),
        retries,
    })
}

/// Tries until let in; a refusal is final.
async fn come(
    target: Target,
    number: usize,
    crowd: Crowd,
    places: Arc<Semaphore>,
) -> (Result<Line, LoadError>, usize) {
    let Ok(_place) = places.acquire().await else {
        return (Err(LoadError::Closed), 0);
    };
    let mut tries = 0;
    loop {
        match enter(&target, number, &crowd).await {
            Err(LoadError::Broken(_) | LoadError::Closed) => {
                tries += 1;
                sleep(RETRY_PAUSE).await;
            }
            done => return (done, tries),
        }
    }
}

async fn enter(target: &Target, number: usize, crowd: &Crowd) -> Result<Line, LoadError> {
    let visitor = Visitor {
        client: &format!("bench-crowd-{number}"),
        clean: crowd.clean,
        room: ROOM,
    };
    let mut line = Line::connect(target, &visitor).await?;
    match crowd.errand {
        Errand::Subscribe(filters) => line.subscribe(&filters(number)).await?,
        Errand::Collect => line.collect().await?,
    }
    Ok(line)
}
