//! Closing the connections of those who may no longer be here.

use std::sync::Arc;

use app::port::{Kicker, Traces, Whom};
use app::principal::door_endpoint;
use broker::{Broker, Kick};
use engine::id::DeviceId;

use crate::edge::roster::Roster;
use crate::edge::trace::Tracer;

/// Closes MQTT connections.
pub(crate) struct BrokerKicker {
    pub(crate) broker: Broker,
    pub(crate) roster: Arc<Roster>,
    pub(crate) tracer: Arc<Tracer>,
}

impl Kicker for BrokerKicker {
    fn kick(&self, whom: &Whom) {
        for link in self.roster.strike(whom) {
            self.broker.kick(Kick::Link(link));
        }
    }

    fn forget_door(&self, door: &DeviceId) {
        let whom = Whom::Door(door.clone());
        self.kick(&whom);
        self.tracer.end(&whom);
        self.broker.forget(door_endpoint(door).as_str());
    }
}
