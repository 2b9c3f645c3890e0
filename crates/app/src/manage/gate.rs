//! Turning away those whose rights have changed: what is remembered of them is forgotten, and their
//! connections are closed.

use std::sync::Arc;

use engine::id::{DeviceId, EndpointId, OperatorId, ResidentId};

use crate::login::Logins;
use crate::port::Kicker;
use crate::principal::door_endpoint;

/// The gate of a running server.
pub struct Gate {
    /// Remembers who showed what.
    pub logins: Arc<Logins>,
    /// Closes connections.
    pub kicker: Arc<dyn Kicker>,
}

impl Gate {
    pub(super) fn turn_away_door(&self, device: &DeviceId) {
        self.logins.forget_door(device);
        self.kicker.kick(&door_endpoint(device));
    }

    /// A resident and the registered clients, by all their endpoints.
    pub(super) fn turn_away_resident(&self, resident: &ResidentId, endpoints: &[EndpointId]) {
        self.logins.forget_resident(resident);
        endpoints
            .iter()
            .for_each(|endpoint| self.kicker.kick(endpoint));
    }

    pub(super) fn forget_operator(&self, operator: &OperatorId) {
        self.logins.forget_operator(operator);
    }
}
