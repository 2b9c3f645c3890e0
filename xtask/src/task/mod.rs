//! The tasks of `cargo xtask` and their command line.

mod check;
mod test;
mod soak;
mod fuzz;
mod tidy;
mod arguments;

pub(crate) use arguments::{Arguments, run};
