//! The machine behind the ports: time, randomness, slow hashes, media signing, encryption,
//! certificates.

mod clock;
mod files;
mod lane;
mod private_file;
mod random;
mod certificates;
mod self_signed;
mod passes;
mod passwords;
mod signer;
mod jwe;
mod tally;
mod rooms;
mod nftables;

pub(crate) use certificates::{
    find_end_s, find_subject, load_authorities, load_certified_key, provider,
};
pub(crate) use clock::{Stopwatch, SystemClock, wall_ms};
pub(crate) use files::raise_files;
pub(crate) use jwe::JweSealer;
pub(crate) use lane::run_apart;
pub(crate) use nftables::nftables;
pub(crate) use passes::Jwt;
pub(crate) use passwords::Argon;
pub(crate) use random::{SystemRandom, audit_key};
pub(crate) use rooms::{Rooms, rooms};
pub(crate) use self_signed::{fingerprint, keep_self_signed};
pub(crate) use signer::signer;
pub(crate) use tally::Tally;
