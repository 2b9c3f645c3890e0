//! How long one message takes from one client to another, at a steady rate.

use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval, timeout};

use super::heard::read_mark;
use super::line::{Line, Visitor};
use super::ring::{END, Ring, Shape};
use crate::load::error::LoadError;
use crate::load::stream::Target;
use crate::load::tally::Spread;

const TOPIC: &str = "bench/delay/door/state";

/// Room for unread bytes; few messages are ever under way.
const ROOM: usize = 16 * 1024;

/// Packet ids in use; far more than are ever under way.
const WINDOW: u16 = 1000;

/// First messages that do not count: caches are cold and TCP has not found its pace.
const WARM_UP: u32 = 20;

/// Silence after which a message counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Messages per second.
    pub per_s: u32,
    /// How many are measured.
    pub count: u32,
    /// Bytes of each payload, at least 8.
    pub payload_bytes: usize,
    /// Whether neither leaves a session.
    pub clean: bool,
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub struct Delays {
    /// From before the write to after the read.
    pub spread: Spread,
    /// Messages that were not heard.
    pub lost: u32,
}

/// Both ends and what is under way between them.
struct Course {
    sender: Line,
    hearer: Line,
    ring: Ring,
    /// When each message was sent, by its number; none once it was heard.
    sent: Vec<Option<Instant>>,
    delays: Vec<Duration>,
    acks: Vec<u8>,
    clock: fn() -> Instant,
}

/// One sends, one hears, both at QoS 1, on one task.
pub async fn measure_delays(
    target: &Target,
    pace: &Pace,
    clock: fn() -> Instant,
) -> Result<Delays, LoadError> {
    let mut course = Course::open(target, pace, clock).await?;
    let count = pace.count + WARM_UP;
    let mut ticks = interval(Duration::from_secs(1) / pace.per_s.max(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while course.ring.taken() < count {
        tokio::select! {
            _ = ticks.tick() => course.send().await?,
            came = course.hear() => came?,
        }
    }
    while course.delays.len() < course.sent.len() {
        match timeout(PATIENCE, course.hear()).await {
            Ok(came) => came?,
            Err(_) => break,
        }
    }
    let lost = course.sent.len() - course.delays.len();
    let cold = course.delays.len().min(WARM_UP as usize);
    Ok(Delays {
        spread: Spread::of(course.delays.split_off(cold)),
        lost: u32::try_from(lost).unwrap_or(u32::MAX),
    })
}

async fn connect(target: &Target, client: &str, clean: bool) -> Result<Line, LoadError> {
    let visitor = Visitor {
        client,
        clean,
        room: ROOM,
    };
    Line::connect(target, &visitor).await
}

impl Course {
    async fn open(target: &Target, pace: &Pace, clock: fn() -> Instant) -> Result<Self, LoadError> {
        let shape = Shape {
            topic: TOPIC,
            publisher: 0,
            payload_bytes: pace.payload_bytes,
        };
        let mut hearer = connect(target, "bench-hearer", pace.clean).await?;
        hearer.subscribe(&[TOPIC.to_owned()]).await?;
        Ok(Self {
            sender: connect(target, "bench-sender", pace.clean).await?,
            hearer,
            ring: Ring::new(&shape, WINDOW),
            sent: Vec::new(),
            delays: Vec::new(),
            acks: Vec::new(),
            clock,
        })
    }

    async fn send(&mut self) -> Result<(), LoadError> {
        let packet = self.ring.take(1);
        self.sent.push(Some((self.clock)()));
        self.sender.send(packet).await
    }

    /// Waits for bytes at either end and notes what they are. May be given up while it waits.
    async fn hear(&mut self) -> Result<(), LoadError> {
        let (sender, hearer) = (&mut self.sender, &mut self.hearer);
        poll_fn(|waker| match hearer.poll_fill(waker) {
            Poll::Pending => sender.poll_fill(waker),
            ready => ready,
        })
        .await?;
        let now = (self.clock)();
        let (sent, delays) = (&mut self.sent, &mut self.delays);
        self.hearer.take_messages(&mut self.acks, |payload| {
            let number = read_mark(payload).map_or(END, |(_, number)| number);
            let from = sent.get_mut(number as usize).and_then(Option::take);
            delays.extend(from.map(|from| now.saturating_duration_since(from)));
        })?;
        self.sender.take_acks()?;
        if !self.acks.is_empty() {
            // Four bytes that an open socket always has room for: giving up here loses nothing.
            self.hearer.send(&self.acks).await?;
            self.acks.clear();
        }
        Ok(())
    }
}
