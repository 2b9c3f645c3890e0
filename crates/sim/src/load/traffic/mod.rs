//! Traffic for any broker: plain MQTT 3.1.1 at QoS 1, encoded once, so that the generator is not
//! what is measured.
//!
//! Every message carries who sent it and its number, so a lost one cannot hide behind a repeated
//! one. Knows no dialect and no user.

mod ring;
mod line;
mod heard;
mod crowd;
mod flood;
mod delays;
mod mail;

pub use crowd::{Crowd, Crowded, Errand, gather};
pub use delays::{Delays, Pace, measure_delays};
pub use flood::{Flood, Flooded, flood};
pub use mail::leave;

#[cfg(test)]
mod tests;
