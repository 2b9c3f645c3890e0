//! Calls of S3 through hosted boxes: flats whose screens are all joined, many called at once.
//!
//! A flat's screens are on one task, which a call joins with a connection of the unit that rings.
//! Besides delays it counts what must never happen: two winners, a loser that is not told, a screen
//! that rings for somebody else.

mod progress;
mod tally;
mod flat;
mod rounds;
mod community;

pub use community::{BoxCommunity, BoxSizes, make_boxes};
pub use flat::{BoxFlat, BoxScreen, BoxTarget, BoxUnit};
pub use rounds::{BoxLoad, BoxRounds};
pub use tally::BoxTally;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
