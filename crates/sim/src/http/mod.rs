//! The HTTP half of a simulated party: bearer requests and the S0 envelope.
//!
//! Plain HTTP only. Does not know which paths exist.
//! Source: S0 §4 (envelope) and §6 (errors).

mod reply;
mod requests;

pub(crate) use reply::Answer;
pub use reply::Reply;
pub(crate) use requests::Http;

#[cfg(test)]
mod tests;
