//! What is owed, said on the links that are there.

mod outgoing;
mod fixed;
mod own;
mod links;

pub(crate) use links::Links;
