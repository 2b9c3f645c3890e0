//! Simulated doors and phones over real sockets.
//!
//! The independent other side of documents S0, S1 and S3: its own JSON types and frames, a third-party
//! MQTT client, plain HTTP. It uses nothing of ours, so that a mistake in our wire code cannot hide by being
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
mod intercom;
mod load;

pub use door::{Door, DoorAction};
pub use error::SimError;
pub use http::Reply;
pub use intercom::{
    Alarm, Answer, Calling, Channel, Ending, Event, KeepAlive, Manner, Message, OpenDoor, Outcome,
    Party, PartyKind, Patience, Profile, Rejection, Request, Screen, ScreenLogin, Station, Tell,
    Why, screen_token,
};
pub use load::{
    BoxCommunity, BoxFlat, BoxLoad, BoxRounds, BoxScreen, BoxSizes, BoxTally, BoxTarget, BoxUnit,
    Clocks, Community, Crowd, Crowded, Delays, Errand, Flood, Flooded, Home, Load, LoadError, Mark,
    Operator, Pace, Paced, Saturated, Spread, Storm, Target, Wave, Wrong, count_records, flood,
    gather, leave, make_boxes, make_community, measure_delays,
};
pub use login::{Login, login};
pub use phone::{Phone, PhoneAction, PhoneMessage};
pub use push::{MqttCredentials, PushMessage, PushPhone, PushTopics, Registration, register};
pub use script::{Behaviour, DoorOutcome, Line, PhoneOutcome, Say, run_door, run_phone};
pub use server::{DoorLogin, PhoneLogin, ServerAddress};
pub use wire::{
    CallState, ControlMessage, Credential, Incoming, Pressed, Rtc, Session, SystemMessage,
};
