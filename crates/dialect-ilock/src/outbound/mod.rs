//! What is owed, said on the links that are there.

mod outgoing;
mod fixed;
mod own;
mod unlock;
mod links;
mod blind;
mod voice;
mod alarm;

pub(crate) use alarm::{AlarmVoice, to_news};
pub(crate) use outgoing::caller_device;
pub use voice::Reach;
pub(crate) use voice::Voice;
