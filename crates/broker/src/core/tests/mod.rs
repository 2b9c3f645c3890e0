//! The core in virtual time: what each client would read, as short lines.
//!
//! `stage` is the bench; each other file is a subject.

mod stage;
mod delivery;
mod endings;
mod exact;
mod shared;
mod limits;
mod random;
mod honest;
mod crash;
mod audit;
mod promises;
mod reader;
mod theatre;
mod fuzz;
