//! Load: whole calls, many at once, by a generator cheap enough to share a machine with the server.
//!
//! A household is a door and two phones on one task, with raw connections of their own; phases run
//! many of them. Everything is measured with the clock that is given, where the generator stands:
//! its own queueing counts. `boxes` is calls of S3; `traffic` is plain publish and subscribe, for any
//! broker.

mod wrong;
mod error;
mod stream;
mod raw;
mod community;
mod household;
mod progress;
mod call;
mod register;
mod tally;
mod phase;
mod records;
mod storm;
mod boxes;
mod traffic;

pub use boxes::{
    BoxCommunity, BoxFlat, BoxLoad, BoxRounds, BoxScreen, BoxSizes, BoxTally, BoxTarget, BoxUnit,
    make_boxes,
};
pub use community::{Community, Home, Operator, make_community};
pub use error::LoadError;
pub use household::Clocks;
pub use phase::{Load, Mark, Paced, Saturated};
pub use records::count_records;
pub use storm::{Storm, Wave};
pub use stream::Target;
pub use tally::Spread;
pub use traffic::{
    Crowd, Crowded, Delays, Errand, Flood, Flooded, Pace, flood, gather, leave, measure_delays,
};
pub use wrong::Wrong;
