//! `koumen bench press`: from the press to the ringing phone, when the server has little to do, while
//! everybody's phones come back at once, and on a disk that is slow.

mod slow;
mod outcome;
mod situations;

pub(super) use situations::{EXAMPLES, Press};
pub(super) use slow::SlowServe;
