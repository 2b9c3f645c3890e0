//! Simulated doors and phones over real sockets.
//!
//! The independent other side of documents S0 and S1: its own JSON types, a third-party MQTT client,
//! plain HTTP. It uses nothing of ours, so that a mistake in our wire code cannot hide by being
//! made twice. Knows no clock but the one it is given, and prints nothing.

mod error;
mod wire;
mod server;
#[cfg(test)]
mod fake;
mod http;
mod link;
mod login;
mod door;
mod phone;
mod push;
mod script;
mod load;

pub use door::{Door, DoorAction};
pub use error::SimError;
pub use http::Reply;
pub use load::{
    Clocks, Community, Crowd, Crowded, Delays, Errand, Flood, Flooded, Home, Load, LoadError, Mark,
    Operator, Pace, Paced, Saturated, Spread, Storm, Target, Wave, count_records, flood, gather,
    leave, make_community, measure_delays,
};
pub use login::{Login, login};
pub use phone::{Phone, PhoneAction, PhoneMessage};
pub use push::{MqttCredentials, PushMessage, PushPhone, PushTopics, Registration, register};
pub use script::{Behaviour, DoorOutcome, Line, PhoneOutcome, Say, run_door, run_phone};
pub use server::{DoorLogin, PhoneLogin, ServerAddress};
pub use wire::{
    CallState, ControlMessage, Credential, Incoming, Pressed, Rtc, Session, SystemMessage,
};
