//! What the tests need beyond cargo: system programs, a private Python
//! and a private folder of Node packages.
//!
//! Looks first and changes nothing when all is there. As root on Debian it installs what is
//! missing, otherwise it says what to install.

mod need;
mod apt;
mod python;
mod node;
mod prepare;

pub(crate) use prepare::prepare;
