//! TLS as clients meet it: stock ones, and a bare one where it must be watched closely.

mod secure;
mod transport;
mod identity;
mod reload;
mod first_use;
