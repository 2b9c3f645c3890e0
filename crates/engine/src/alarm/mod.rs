//! The alarm core: a zone's trigger, everyone it is told, one level after the other, until a person
//! takes it on.
//!
//! Inputs, by source:
//! - a sensor, by whoever speaks for it: [`Input::Trigger`];
//! - a resident, an operator, a person at a centre: [`Input::Arm`], [`Input::Acknowledge`],
//!   [`Input::Handle`], [`Input::Close`];
//! - an operator: [`Input::SetZones`];
//! - the clock: [`Input::Lapse`] of a flat, [`Input::Deadline`] of an alarm.
//!
//! ```text
//!   Trigger ──► (entry delay) ──► Notified(level) ──Acknowledge──► Acknowledged ──► Handling
//!                    │ disarm         │  ▲                              │              │
//!                    ▼                └──┘ Deadline: the next level,    ▼              ▼
//!                 nothing                  the last one again         Ended(resolved | false alarm)
//! ```
//!
//! Nothing but a person ends the escalation. The truth is [`Alarm`] and [`Site`]; what a level must
//! hear now is derived by [`owed()`].

pub mod zone;
pub mod level;
pub mod site;
pub mod state;
pub mod input;
pub mod decide;
pub mod owed;
#[cfg(test)]
mod tests;

pub use decide::{REPEAT, decide, facts_needed};
pub use input::{Decision, Entry, Event, Facts, Input, Query, Refusal, Verdict, Why};
pub use level::{Heard, Level, Person, Rung, Times};
pub use owed::{Notice, owed};
pub use site::{Lapse, Place, Site, Wait, Watch};
pub use state::{Ack, Alarm, Armed, Due, Outcome, Phase};
pub use zone::{DELAY_S, Mode, Modes, Policy, QUIET_S, ZONES_MAX, Zone, ZoneNo};
