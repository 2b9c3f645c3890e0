//! The bus over an MQTT broker that is not ours, such as Mosquitto or EMQX.
//!
//! One MQTT 5 client speaks for the whole server. Nothing waits for the broker: while it is away
//! messages are lost at once, and whoever sent them says them again when the way is open. What comes
//! in is acknowledged once it is stored. Sources: MQTT 5; the documentation of Mosquitto's
//! dynamic-security plugin.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod address;
mod session;
mod settings;
mod lack;
mod line;
mod outbound;
mod inbound;
mod security;
mod renewal;
mod conversation;
mod link;

pub use address::{Address, AddressFault};
pub use lack::Lack;
pub use link::{External, Link, SettingsFault};
pub use outbound::ExternalBus;
pub use security::{Account, AccountList, Keeper, KeeperTask, Opened};
pub use settings::Settings;
