//! The rules of Koumen, pure.
//!
//! Everything here is a function of facts, an input and a moment. There is no clock, no
//! randomness, no IO, no serialisation and no dependency: whoever calls loads the facts before and
//! writes the changes after, in one transaction.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod id;
pub mod time;
pub mod call;
pub mod alarm;
pub mod access;
pub mod unlock;
