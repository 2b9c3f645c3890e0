//! Rounds of calls: so many flats at once, then the next ones, until it is enough.
//!
//! Each flat lives on a task of its own, so that screens nobody calls stay alive too.

use std::time::Instant;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::flat::{BoxFlat, BoxTarget, BoxUnit, Flat, Press};
use super::progress::Delays;
use super::tally::BoxTally;
use crate::load::error::LoadError;

/// Flats that join at one time.
const JOINING: usize = 16;

/// How calls are made.
#[derive(Clone, Copy, Debug)]
pub struct BoxRounds {
    /// How often everybody calls.
    pub rounds: usize,
    /// Calls at once, at most one per unit and per flat.
    pub at_once: usize,
    /// In one call of so many, all screens answer at the same moment; 0: in none.
    pub contested_every: usize,
}

/// A call, and where its end is told.
struct Order {
    press: Press,
    done: oneshot::Sender<Result<Delays, LoadError>>,
}

/// What a flat that is sent home leaves behind.
type Strangers = usize;

/// Flats whose screens are all joined.
pub struct BoxLoad {
    flats: Vec<mpsc::Sender<Order>>,
    living: JoinSet<Strangers>,
    units: Vec<BoxUnit>,
}

impl BoxLoad {
    /// Joins every screen.
    pub async fn join(
        target: BoxTarget,
        (flats, units): (&[BoxFlat], &[BoxUnit]),
        clock: fn() -> Instant,
    ) -> Result<Self, LoadError> {
        let mut load = Self {
            flats: Vec::with_capacity(flats.len()),
            living: JoinSet::new(),
            units: units.to_vec(),
        };
        for some in flats.chunks(JOINING) {
            let mut joining = JoinSet::new();
            for flat in some {
                joining.spawn(Flat::join(target, flat.clone(), clock));
            }
            while let Some(joined) = joining.join_next().await {
                let flat = joined.map_err(|_| LoadError::Closed)??;
                let (sender, orders) = mpsc::channel(1);
                load.living.spawn(live(flat, orders));
                load.flats.push(sender);
            }
        }
        Ok(load)
    }

    /// Calls, and sends everybody home.
    pub async fn run(mut self, how: BoxRounds) -> BoxTally {
        let mut tally = BoxTally::default();
        let at_once = how.at_once.min(self.units.len()).min(self.flats.len());
        let mut number = 0;
        for _ in 0..how.rounds {
            let mut waiting = Vec::with_capacity(at_once);
            for unit in self.units.iter().take(at_once) {
                let press = self.press(unit, number, how.contested_every);
                waiting.push(self.order(number, press).await);
                number += 1;
            }
            for end in waiting {
                tally.count(end.await.unwrap_or(Err(LoadError::Closed)));
            }
        }
        self.flats.clear();
        while let Some(strangers) = self.living.join_next().await {
            tally.count_strangers(strangers.unwrap_or_default());
        }
        tally
    }

    /// A flat that is called in peace is contested in another lap.
    fn press(&self, unit: &BoxUnit, number: usize, contested_every: usize) -> Press {
        let shifted = number + number / self.flats.len();
        let is_contested = contested_every > 0 && shifted.is_multiple_of(contested_every);
        Press {
            unit: unit.clone(),
            sid: format!("{}-{number}", unit.id),
            winner: (!is_contested).then_some(number),
        }
    }

    async fn order(
        &self,
        number: usize,
        press: Press,
    ) -> oneshot::Receiver<Result<Delays, LoadError>> {
        let (done, end) = oneshot::channel();
        let flat = &self.flats[number % self.flats.len()];
        // A flat that is gone is met again as an end that nobody tells.
        drop(flat.send(Order { press, done }).await);
        end
    }
}

/// Until nobody orders calls any more.
async fn live(mut flat: Flat, mut orders: mpsc::Receiver<Order>) -> Strangers {
    loop {
        let order = tokio::select! {
            biased;
            order = orders.recv() => order,
            _lost = flat.rest() => {
                // The next call tells whether this helped.
                drop(flat.join_again().await);
                continue;
            }
        };
        let Some(Order { press, done }) = order else {
            return flat.take_strangers();
        };
        let outcome = flat.call(&press).await;
        drop(done.send(outcome));
    }
}
