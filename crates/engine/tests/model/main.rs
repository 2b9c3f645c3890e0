//! The promises of the call core, kept under every order of events.
//!
//! `promise` and `step` say what must hold. `schedule` throws random inputs at random moments at one world;
//! `one_call` and `two_calls` search every order of a small cast's inputs to exhaustion,
//! over the shipped `decide` and `owed`; `sabotage` shows that the search finds broken rules.
//! `nameless` searches one connection on which messages need not name their call, over `Current`.

mod world;
mod promise;
mod step;
mod cast;
mod normal;
mod search;
mod connection;

mod schedule;
mod one_call;
mod two_calls;
mod sabotage;
mod nameless;
