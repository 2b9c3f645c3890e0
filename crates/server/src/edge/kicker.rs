//! Closing the connections of those who may no longer be here.

use std::sync::Arc;

use app::port::Kicker;
use broker::{Broker, Kick};
use engine::id::EndpointId;

/// Closes MQTT connections. Their subject is their endpoint.
pub(crate) struct BrokerKicker(pub(crate) Broker);

impl Kicker for BrokerKicker {
    fn kick(&self, endpoint: &EndpointId) {
        self.0.kick(Kick::Subject(Arc::from(endpoint.as_str())));
    }
}
