//! The TCP box protocol (S3) over real sockets: outdoor units, screens and desks as raw peers, and as
//! the simulated parties.
//!
//! Peers are known by their address, so each has one of its own on loopback.

mod peer;
mod town;
mod calls;
mod routes;
mod defects;
mod crossing;
mod doors;
mod alarms;
mod matrix;
mod networks;
mod parties;
