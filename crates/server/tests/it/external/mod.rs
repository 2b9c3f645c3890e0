//! Calls over a broker that is not ours: Debian's Mosquitto, with accounts that the server keeps by the
//! plugin dynamic-security.

mod broker;
pub(crate) mod ear;
pub(crate) mod estate;
mod calls;
mod reduced;
mod outage;
mod kills;
mod accounts;
mod hooks;
mod trust;
