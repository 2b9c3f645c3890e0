//! What is owed, said on the links that are there.

mod message;
mod links;

pub(crate) use links::Links;
