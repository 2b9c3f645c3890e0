//! How many of something may be open at once, for each holder and in all: event streams,
//! connections.
//!
//! At the limit one more is refused; nobody waits here. How often something may be asked is
//! [`crate::limit`]'s.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many seats there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most {
    /// For one holder.
    pub each: usize,
    /// For all together.
    pub all: usize,
}

/// Which limit was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// Who asks holds as many as one may.
    Each,
    /// All together hold as many as there are.
    All,
}

/// Seats, counted by who holds them. Remembers nobody who holds none.
pub struct Seats<K> {
    most: Most,
    held: Mutex<Held<K>>,
}

struct Held<K> {
    by_holder: HashMap<K, usize>,
    all: usize,
}

/// One seat; it is free again when this is dropped.
pub struct Seat<K: Eq + Hash> {
    seats: Arc<Seats<K>>,
    holder: K,
}

impl<K: Clone + Eq + Hash> Seats<K> {
    /// Seats that are all free.
    pub fn new(most: Most) -> Self {
        let held = Held {
            by_holder: HashMap::new(),
            all: 0,
        };
        Self {
            most,
            held: Mutex::new(held),
        }
    }

    /// Takes a seat, or says why there is none.
    pub fn take(self: &Arc<Self>, holder: K) -> Result<Seat<K>, Full> {
        let mut held = self.held();
        let own = held.by_holder.get(&holder).copied().unwrap_or_default();
        if own >= self.most.each {
            return Err(Full::Each);
        }
        if held.all >= self.most.all {
            return Err(Full::All);
        }
        held.by_holder.insert(holder.clone(), own + 1);
        held.all += 1;
        Ok(Seat {
            seats: Arc::clone(self),
            holder,
        })
    }
}

impl<K> Seats<K> {
    fn held(&self) -> MutexGuard<'_, Held<K>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut held = self.seats.held();
        held.all -= 1;
        if let Some(own) = held.by_holder.get_mut(&self.holder) {
            *own -= 1;
            if *own == 0 {
                held.by_holder.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(each: usize, all: usize) -> Arc<Seats<&'static str>> {
        Arc::new(Seats::new(Most { each, all }))
    }

    #[test]
    fn one_holder_at_the_limit_leaves_room_for_others() {
        let seats = seats(2, 10);
        let _held = [seats.take("a").ok().unwrap(), seats.take("a").ok().unwrap()];

        assert_eq!(seats.take("a").err(), Some(Full::Each));
        assert!(seats.take("b").is_ok());
    }

    #[test]
    fn all_together_have_a_limit_too() {
        let seats = seats(2, 3);
        let _held = ["a", "b", "c"].map(|holder| seats.take(holder).ok().unwrap());

        assert_eq!(seats.take("d").err(), Some(Full::All));
    }

    #[test]
    fn a_dropped_seat_is_free_and_its_holder_forgotten() {
        let seats = seats(1, 1);

        let first = seats.take("a").ok().unwrap();
        assert!(seats.take("a").is_err());
        drop(first);

        assert!(seats.held().by_holder.is_empty());
        assert!(seats.take("b").is_ok());
    }

    #[test]
    fn a_refusal_takes_nothing() {
        let seats = seats(1, 2);
        let held = seats.take("a").ok().unwrap();

        assert_eq!(seats.take("a").err(), Some(Full::Each));
        drop(held);

        assert_eq!(seats.held().all, 0);
    }
}
