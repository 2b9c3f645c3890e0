//! As many messages as a broker takes: from many to one, or from one to many.
//!
//! A publisher has a window of messages without PUBACK. Where several listen it waits for its
//! hearers too, because each publish fills all their queues.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::heard::Heard;
use super::line::{Line, Visitor};
use super::ring::{Ring, Shape};
use crate::load::error::LoadError;
use crate::load::phase::Mark;
use crate::load::stream::Target;

const TOPIC: &str = "bench/flood";

/// Room for unread bytes: some hundred messages with one read.
const ROOM: usize = 64 * 1024;

/// Silence after which a message or a PUBACK counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct Flood {
    /// Clients that send.
    pub publishers: usize,
    /// Clients that hear all of it.
    pub subscribers: usize,
    /// Messages of one publisher without PUBACK.
    pub window: u16,
    /// Bytes of each payload, at least 8.
    pub payload_bytes: usize,
    /// How long is sent; what waits then is still heard.
    pub length: Duration,
    /// Whether nobody leaves a session.
    pub clean: bool,
}

/// What came of it. Every PUBACK came, otherwise the flood failed.
#[derive(Clone, Copy, Debug)]
pub struct Flooded {
    /// Messages sent.
    pub sent: u64,
    /// Messages heard by all subscribers together, each counted once.
    pub heard: u64,
    /// Messages that somebody should have heard and did not.
    pub lost: u64,
    /// Messages heard again.
    pub repeated: u64,
    /// From the first message sent to the last one heard.
    pub length: Duration,
}

/// What senders and hearers know of each other.
struct Channel {
    is_over: AtomicBool,
    heard: AtomicU64,
    subscribers: u64,
    has_heard: Notify,
    clock: fn() -> Instant,
}

/// Sends for a while and waits until all is heard. `mark` is told the edges.
pub async fn flood(
    target: &Target,
    flood: &Flood,
    clock: fn() -> Instant,
    mark: &mut dyn FnMut(Mark),
) -> Result<Flooded, LoadError> {
    let channel = Arc::new(Channel {
        is_over: AtomicBool::new(false),
        heard: AtomicU64::new(0),
        subscribers: flood.subscribers as u64,
        has_heard: Notify::new(),
        clock,
    });
    let hearing = hearers(target, flood, &channel).await?;
    let mut publishers = Vec::with_capacity(flood.publishers);
    for number in 0..flood.publishers {
        publishers.push(Publisher::connect(target, number, flood).await?);
    }
    mark(Mark::Start);
    let from = clock();
    let mut sending = JoinSet::new();
    for publisher in publishers {
        sending.spawn(publisher.send(Arc::clone(&channel)));
    }
    sleep(flood.length).await;
    channel.is_over.store(true, Ordering::Relaxed);
    let sent = finish(sending).await?;
    let heard = listen_out(hearing).await?;
    mark(Mark::End);
    let due = sent * flood.subscribers as u64;
    Ok(Flooded {
        sent,
        heard: heard.count,
        lost: due.saturating_sub(heard.count),
        repeated: heard.repeated,
        length: heard.last.saturating_duration_since(from),
    })
}

/// Everybody who hears, each on a task.
async fn hearers(
    target: &Target,
    flood: &Flood,
    channel: &Arc<Channel>,
) -> Result<JoinSet<Result<Heard, LoadError>>, LoadError> {
    let mut hearing = JoinSet::new();
    for number in 0..flood.subscribers {
        let mut line = connect(target, &format!("bench-hearer-{number}"), flood.clean).await?;
        line.subscribe(&[TOPIC.to_owned()]).await?;
        let heard = Heard::new(flood.publishers, (channel.clock)());
        hearing.spawn(hear(line, heard, Arc::clone(channel)));
    }
    Ok(hearing)
}

/// Waits for all PUBACKs, then has one publisher say that it was all. How many were sent.
async fn finish(mut sending: JoinSet<Result<Publisher, LoadError>>) -> Result<u64, LoadError> {
    let (mut sent, mut last) = (0, None);
    while let Some(ended) = sending.join_next().await {
        let publisher = ended.map_err(|_| LoadError::Closed)??;
        sent += u64::from(publisher.ring.taken());
        last = Some(publisher);
    }
    if let Some(mut publisher) = last {
        publisher.line.send(publisher.ring.take_end()).await?;
        patient(publisher.line.fill(), "the last PUBACK").await?;
    }
    Ok(sent)
}

/// The sum of what all heard.
async fn listen_out(mut hearing: JoinSet<Result<Heard, LoadError>>) -> Result<Heard, LoadError> {
    let mut all: Option<Heard> = None;
    while let Some(ended) = hearing.join_next().await {
        let heard = ended.map_err(|_| LoadError::Closed)??;
        all = Some(match all {
            None => heard,
            Some(mut all) => {
                all.count += heard.count;
                all.repeated += heard.repeated;
                all.last = all.last.max(heard.last);
                all
            }
        });
    }
    all.ok_or(LoadError::Unexpected("a flood without hearers"))
}

async fn connect(target: &Target, client: &str, clean: bool) -> Result<Line, LoadError> {
    let visitor = Visitor {
        client,
        clean,
        room: ROOM,
    };
    Line::connect(target, &visitor).await
}

struct Publisher {
    line: Line,
    ring: Ring,
    acknowledged: usize,
}

impl Publisher {
    async fn connect(target: &Target, number: usize, flood: &Flood) -> Result<Self, LoadError> {
        let shape = Shape {
            topic: TOPIC,
            publisher: u32::try_from(number).unwrap_or(u32::MAX),
            payload_bytes: flood.payload_bytes,
        };
        Ok(Self {
            line: connect(target, &format!("bench-sender-{number}"), flood.clean).await?,
            ring: Ring::new(&shape, flood.window),
            acknowledged: 0,
        })
    }

    /// Sends until it is over and every PUBACK has come.
    async fn send(mut self, channel: Arc<Channel>) -> Result<Self, LoadError> {
        loop {
            let under_way = self.ring.taken() as usize - self.acknowledged;
            if channel.is_over.load(Ordering::Relaxed) {
                if under_way == 0 {
                    return Ok(self);
                }
            } else {
                let room = self.ring.window() - under_way;
                let room = room.min(channel.room(&self.ring));
                if room > 0 {
                    self.line.send(self.ring.take(room)).await?;
                    continue;
                }
            }
            let line = &mut self.line;
            let news = async {
                tokio::select! {
                    came = line.fill(), if under_way > 0 => came,
                    () = channel.has_heard.notified() => Ok(()),
                }
            };
            patient(news, "a PUBACK, or a message to a hearer").await?;
            self.acknowledged += self.line.take_acks()?;
        }
    }
}

impl Channel {
    /// How many more the one publisher may send before its hearers have caught up.
    fn room(&self, ring: &Ring) -> usize {
        if self.subscribers < 2 {
            return ring.window();
        }
        let heard = self.heard.load(Ordering::Relaxed) / self.subscribers;
        let ahead = u64::from(ring.taken()).saturating_sub(heard);
        let ahead = usize::try_from(ahead).unwrap_or(usize::MAX);
        ring.window().saturating_sub(ahead)
    }
}

/// Hears and acknowledges until the end, or until nothing comes any more.
async fn hear(mut line: Line, mut heard: Heard, channel: Arc<Channel>) -> Result<Heard, LoadError> {
    let mut acks = Vec::new();
    while !heard.is_over {
        match timeout(PATIENCE, line.fill()).await {
            Ok(came) => came?,
            Err(_) if channel.is_over.load(Ordering::Relaxed) => break,
            Err(_) => continue,
        }
        let before = heard.count;
        line.take_messages(&mut acks, |payload| heard.note(payload))?;
        line.send(&acks).await?;
        acks.clear();
        heard.last = (channel.clock)();
        channel
            .heard
            .fetch_add(heard.count - before, Ordering::Relaxed);
        if channel.subscribers > 1 {
            channel.has_heard.notify_one();
        }
    }
    Ok(heard)
}

async fn patient(
    coming: impl Future<Output = Result<(), LoadError>>,
    missing: &'static str,
) -> Result<(), LoadError> {
    match timeout(PATIENCE, coming).await {
        Ok(came) => came,
        Err(_) => Err(LoadError::Hung { missing }),
    }
}
