//! Alarms, what raises them, and the addresses outside that hear of them.

mod reply;
pub(crate) mod list;
pub(crate) mod zones;
pub(crate) mod webhooks;

pub(crate) use reply::AlarmReply;
