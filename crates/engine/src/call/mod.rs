//! The call core: one visitor's press, everyone it rings, exactly one who answers.
//!
//! Inputs, by source:
//! - a caller: [`Input::Invite`], [`Input::Hangup`];
//! - an endpoint that rings: [`Input::Claim`], [`Input::Decline`], [`Input::GiveUp`],
//!   [`Input::Hangup`];
//! - an endpoint that comes late: [`Input::Join`];
//! - the clock: [`Input::Deadline`];
//! - the door's lock: [`Input::Opened`];
//! - an operator: [`Input::End`].
//!
//! ```text
//!            Invite                Claim                 Hangup, End
//!              │                     │                   Deadline(talk)
//!              ▼                     ▼                        │
//!          Alerting(stage) ──────► Active(winner) ────────────┤
//!              │  ▲   │                                       ▼
//!              │  └───┘ all declined, Deadline(stage)      Ended(outcome)
//!              └────────────────────────────────────────────►
//!                 Hangup of the caller, nobody left, Deadline(ring), Opened, End
//! ```
//!
//! `Ended` is terminal. There is no "ending": the end is committed, then spoken about. The truth
//! is [`Call`]; what a party must hear now is derived from it by [`owed()`].

pub mod version;
pub mod scene;
pub mod plan;
pub mod leg;
pub mod state;
pub mod input;
pub mod decide;
pub mod owed;
pub mod current;
#[cfg(test)]
mod tests;

pub use current::{Current, KNOWN_AFTER, Stray};
pub use decide::{PRESS_REPEAT, decide, facts_needed};
pub use input::{Actor, Decision, Facts, Gone, Input, Query, Refusal, Verdict, Why};
pub use leg::{CloseReason, Leg, LegNo, LegState};
pub use owed::{Notice, OWED_AFTER_END, Party, owed, party_of};
pub use plan::{LEGS_MAX, Plan, Scope, Stage, Target};
pub use scene::{Room, Scene, Streams};
pub use state::{Answer, Call, Cause, Ended, MediaRight, Outcome, Phase};
pub use version::Version;
