//! The promises of opening doors, kept under every order of events.
//!
//! `world` is what is committed, what is in memory, and what the door did; `search` tries every order
//! of a small cast's acts to exhaustion over the shipped rules, `schedule` random ones with more orders,
//! and `sabotage` shows that the search finds broken rules.

mod world;
mod search;
mod schedule;
mod sabotage;
