//! Alarms: who hears, who takes them on, and that none is forgotten.
//!
//! `KOUMEN_TEST_ALARMS` sets how many alarms `kills` raises, `KOUMEN_TEST_ALARM_KILLS` how often it
//! kills the server meanwhile, `KOUMEN_TEST_SEED` the moments.

mod scene;
mod receiver;

mod phones;
mod duress;
mod outside;
mod roles;
mod elsewhere;
mod restart;
mod kills;
