//! The call core's stories: each test is a text in virtual time and what came of it.
//!
//! `script` reads the text, `world` commits what is decided, `scenario` plays the one against the
//! other and writes the transcript. Random schedules and the exhaustive model check are in
//! `tests/model`.

mod world;
mod script;
mod scenario;

mod answer;
mod decline;
mod ring;
mod reach;
mod join;
mod press;
mod end;
mod opening;
mod hearing;
mod current;
