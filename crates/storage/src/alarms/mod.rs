//! Flats' arming, alarms, and addresses outside.

mod row;
mod site;
mod write;
mod log;
mod port;
mod hooks;
#[cfg(test)]
mod tests;
