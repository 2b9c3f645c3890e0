//! What the embedded broker keeps, in `broker.db`.

mod write;
mod load;
mod journal;
#[cfg(test)]
mod tests;

pub use journal::SessionStore;
