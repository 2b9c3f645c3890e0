//! The alarm core's stories: each test is a text in virtual time and what came of it.
//!
//! `script` reads the text, `play` commits what is decided and writes the transcript. Random
//! schedules and the exhaustive search are in `tests/alarm_model`.

mod script;
mod play;

mod escalation;
mod zones;
mod people;
