//! What one client of one subject has asked for and is still owed
//! (MQTT 3.1.1 §3.1.2.4, §4.3, §4.4, §4.6).

mod taken;
mod owed;
mod state;
mod keep;
mod flight;
mod queue;

pub(crate) use flight::Receipt;
pub(crate) use state::{Session, Step, Tally};
