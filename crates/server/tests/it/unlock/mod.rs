//! Opening doors: who may, once and never late, on record.

pub(crate) mod lock;
mod rights;
mod once;
mod codes;
mod chain;
mod all;
