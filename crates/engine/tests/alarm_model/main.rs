//! The promises of the alarm core, kept under every order of events.
//!
//! I12: an alarm is acknowledged or at the next level. `promise` says what must hold. `schedule`
//! throws random inputs at random moments at one flat; `search` plays every order of a small cast's
//! inputs to exhaustion, over the shipped `decide`; `sabotage` shows that the search finds broken
//! rules. A restart leaves the committed state, which is all that there is here.

mod world;
mod promise;
mod cast;
mod normal;
mod search;

mod exhaustive;
mod schedule;
mod sabotage;
