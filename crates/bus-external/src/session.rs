//! The broker keeps our session while we are away; on our side nothing of it is kept.
//!
//! What we had on its way is lost with the connection and said anew, so a session that the broker
//! resumes finds nothing in flight here. The client must be told so, or it refuses to resume.

use futures_util::future::{BoxFuture, ready};
use rumqttc::{
    MqttOptions, PersistedAckMode, PersistedSession, SessionStore, SessionStoreError,
    SessionStoreKey,
};

type Kept<'a, T> = BoxFuture<'a, Result<T, SessionStoreError>>;

/// A session with nothing in flight.
#[derive(Debug)]
pub(crate) struct NothingInFlight(PersistedSession);

impl NothingInFlight {
    pub(crate) fn new(options: &MqttOptions) -> Self {
        Self(PersistedSession {
            format_version: 1,
            client_id: options.client_id(),
            clean_start: options.clean_start(),
            session_expiry_interval: options.session_expiry_interval(),
            outgoing_inflight_upper_limit: options.get_outgoing_inflight_upper_limit(),
            ack_mode: PersistedAckMode::Manual,
            last_pkid: 0,
            last_puback: 0,
            replay: Vec::new(),
            incoming_qos2: Vec::new(),
        })
    }
}

impl SessionStore for NothingInFlight {
    fn load<'a>(&'a self, _: &'a SessionStoreKey) -> Kept<'a, Option<PersistedSession>> {
        Box::pin(ready(Ok(Some(self.0.clone()))))
    }

    fn save<'a>(&'a self, _: &'a SessionStoreKey, _: &'a PersistedSession) -> Kept<'a, ()> {
        Box::pin(ready(Ok(())))
    }

    fn clear<'a>(&'a self, _: &'a SessionStoreKey) -> Kept<'a, ()> {
        Box::pin(ready(Ok(())))
    }
}
