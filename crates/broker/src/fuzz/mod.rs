//! Random bytes against what strangers reach: runs, inputs and their files. What is run stands
//! beside what it tries: `wire::fuzz` and `core::tests::fuzz`.

mod dice;
mod corpus;
mod run;

pub(crate) use dice::{Dice, Feed};
pub(crate) use run::{Target, hash, run};
