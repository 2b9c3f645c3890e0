//! Random bytes against what strangers reach: runs, inputs and their files. What is run stands
//! beside what it tries, in the crate of that.

mod chance;
mod target;
mod corpus;
mod run;

pub use chance::{Chance, Feed};
pub use run::{hash, run};
pub use target::Target;
