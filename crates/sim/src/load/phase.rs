//! The phases: everybody in a closed loop, calls at a fixed rate, phones that come back.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::community::Community;
use super::error::LoadError;
use super::household::{Clocks, Household};
use super::progress::Delays;
use super::tally::{Spread, Tally};
use crate::server::ServerAddress;

/// Between a failed call and the next of the same household, so that a dead server is not stormed.
const FAILURE_PAUSE: Duration = Duration::from_millis(100);

const WARMING: u8 = 0;
const MEASURING: u8 = 1;
const OVER: u8 = 2;

/// An edge of the measured window of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The warm-up is over.
    Start,
    /// What happens from here on counts no more.
    End,
}

/// What the closed loop came to.
#[derive(Debug)]
pub struct Saturated {
    /// Calls completed in the window, whenever they were started.
    pub completed_in_window: usize,
    /// The window's true length.
    pub window: Duration,
    /// Calls started in the window.
    pub started: usize,
    /// Of those, how many were completed, the last ones after the window.
    pub completed: usize,
    /// From the press to each phone's offer, under full load.
    pub press_to_incoming: Spread,
    /// Calls completed at any time, those of the warm-up included.
    pub completed_ever: usize,
    /// Why calls failed, the first few.
    pub reasons: Vec<String>,
}

/// What the fixed rate came to.
#[derive(Debug)]
pub struct Paced {
    /// Calls started.
    pub started: usize,
    /// Calls completed.
    pub completed: usize,
    /// Starts that fell on no free door.
    pub skipped: usize,
    /// From sending the press to each phone's offer.
    pub press_to_incoming: Spread,
    /// From sending the answer to the door's notice.
    pub answer_to_door: Spread,
    /// From sending the answer to the notice of the phone that lost.
    pub answer_to_losers: Spread,
    /// Why calls failed, the first few.
    pub reasons: Vec<String>,
}

/// Connected households.
pub struct Load {
    households: VecDeque<Household>,
    clocks: Clocks,
}

impl Load {
    /// Connects every door and phone, one household after the other.
    pub async fn connect(
        server: &ServerAddress,
        community: &Community,
        clocks: Clocks,
    ) -> Result<Self, LoadError> {
        let mut households = VecDeque::with_capacity(community.homes.len());
        for home in &community.homes {
            households.push_back(Household::connect(server, home.clone(), clocks).await?);
        }
        Ok(Self { households, clocks })
    }

    /// A phone connects and subscribes beside its first connection, so many times, one after the
    /// other.
    pub async fn reconnect(&self, times: usize) -> Result<Spread, LoadError> {
        let mut delays = Vec::with_capacity(times);
        for household in self.households.iter().cycle().take(times) {
            let from = (self.clocks.monotonic)();
            household.reconnect().await?;
            delays.push((self.clocks.monotonic)().saturating_duration_since(from));
        }
        Ok(Spread::of(delays))
    }

    /// Phones register as clients of S1, so many times, one after the other; none if the server
    /// does not serve that. To be done last: whoever has registered is rung under another name.
    pub async fn register(&mut self, times: usize) -> Result<Option<Spread>, LoadError> {
        let mut delays = Vec::with_capacity(times);
        let count = self.households.len().max(1);
        for at in 0..times {
            let Some(household) = self.households.get_mut(at % count) else {
                break;
            };
            let from = (self.clocks.monotonic)();
            if !household.register(at).await? {
                return Ok(None);
            }
            delays.push((self.clocks.monotonic)().saturating_duration_since(from));
        }
        Ok(Some(Spread::of(delays)))
    }

    /// Every door presses again as soon as its call is over. `mark` is told the window's edges.
    pub async fn saturate(
        &mut self,
        (warm_up, window): (Duration, Duration),
        mark: &mut dyn FnMut(Mark),
    ) -> Saturated {
        let stage = Arc::new(AtomicU8::new(WARMING));
        let mut loops = JoinSet::new();
        for household in self.households.drain(..) {
            loops.spawn(closed_loop(household, Arc::clone(&stage)));
        }
        sleep(warm_up).await;
        mark(Mark::Start);
        stage.store(MEASURING, Ordering::Relaxed);
        let from = (self.clocks.monotonic)();
        sleep(window).await;
        stage.store(OVER, Ordering::Relaxed);
        let window = (self.clocks.monotonic)().saturating_duration_since(from);
        mark(Mark::End);
        let (mut tally, mut completed) = (Tally::default(), Completed::default());
        while let Some(ended) = loops.join_next().await {
            let Ok((household, counted, done)) = ended else {
                continue;
            };
            self.households.push_back(household);
            tally.add(counted);
            completed.ever += done.ever;
            completed.in_window += done.in_window;
        }
        saturated(tally, completed, window)
    }

    /// So many calls per second for a while, each on a door that is free, whatever became of the
    /// others.
    pub async fn pace(&mut self, per_s: u32, length: Duration) -> Paced {
        let period = Duration::from_secs(1) / per_s.max(1);
        let due = length.as_nanos() / period.as_nanos().max(1);
        let mut due = usize::try_from(due).unwrap_or(usize::MAX);
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let (mut tally, mut skipped, mut under_way) = (Tally::default(), 0, JoinSet::new());
        while due > 0 || !under_way.is_empty() {
            tokio::select! {
                Some(ended) = under_way.join_next() => {
                    if let Ok((household, outcome)) = ended {
                        self.households.push_back(household);
                        tally.count(outcome);
                    }
                }
                _ = ticks.tick(), if due > 0 => {
                    due -= 1;
                    match self.households.pop_front() {
                        Some(household) => drop(under_way.spawn(one_call(household))),
                        None => skipped += 1,
                    }
                }
            }
        }
        paced(tally, skipped)
    }
}

fn paced(tally: Tally, skipped: usize) -> Paced {
    Paced {
        started: tally.started,
        completed: tally.completed,
        skipped,
        press_to_incoming: Spread::of(tally.press_to_incoming),
        answer_to_door: Spread::of(tally.answer_to_door),
        answer_to_losers: Spread::of(tally.answer_to_losers),
        reasons: tally.reasons,
    }
}

fn saturated(tally: Tally, completed: Completed, window: Duration) -> Saturated {
    Saturated {
        completed_in_window: completed.in_window,
        window,
        started: tally.started,
        completed: tally.completed,
        press_to_incoming: Spread::of(tally.press_to_incoming),
        completed_ever: completed.ever,
        reasons: tally.reasons,
    }
}

/// Completed calls by when they ended.
#[derive(Default)]
struct Completed {
    ever: usize,
    in_window: usize,
}

/// Calls until it is over; tallies the calls that began in the window.
async fn closed_loop(
    mut household: Household,
    stage: Arc<AtomicU8>,
) -> (Household, Tally, Completed) {
    let (mut tally, mut completed) = (Tally::default(), Completed::default());
    loop {
        let began = stage.load(Ordering::Relaxed);
        if began == OVER {
            return (household, tally, completed);
        }
        let outcome = household.call().await;
        let has_failed = outcome.is_err();
        if !has_failed {
            let is_in_window = stage.load(Ordering::Relaxed) == MEASURING;
            completed.ever += 1;
            completed.in_window += usize::from(is_in_window);
        }
        if began == MEASURING {
            tally.count(outcome);
        }
        if has_failed {
            sleep(FAILURE_PAUSE).await;
        }
    }
}

async fn one_call(mut household: Household) -> (Household, Result<Delays, LoadError>) {
    let outcome = household.call().await;
    (household, outcome)
}
