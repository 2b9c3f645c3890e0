//! What stands where, who lives there, who administers it.

pub(crate) mod entry;
mod times;
pub(crate) mod communities;
pub(crate) mod buildings;
pub(crate) mod units;
pub(crate) mod flats;
pub(crate) mod residents;
mod kind;
pub(crate) mod devices;
pub(crate) mod operators;
