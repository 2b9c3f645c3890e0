//! Turning away those whose rights have changed: what is remembered of them is forgotten, and their
//! connections are closed. In this order, so that nobody comes in again by what was remembered.

use std::sync::Arc;

use engine::id::{DeviceId, OperatorId, ResidentId};

use crate::key_book::KeyBook;
use crate::login::Logins;
use crate::peer_book::PeerBook;
use crate::port::{Kicker, Whom};

/// The gate of a running server.
pub struct Gate {
    /// Remembers who showed what.
    pub logins: Arc<Logins>,
    /// Closes connections.
    pub kicker: Arc<dyn Kicker>,
    /// Knows the keys of clients.
    pub keys: Arc<KeyBook>,
    /// Knows who speaks the TCP box protocol.
    pub peers: Arc<PeerBook>,
}

impl Gate {
    pub(super) fn turn_away_door(&self, device: &DeviceId) {
        self.logins.forget_door(device);
        self.kicker.kick(&Whom::Door(device.clone()));
    }

    /// The door is no more.
    pub(super) fn forget_door(&self, device: &DeviceId) {
        self.logins.forget_door(device);
        self.kicker.forget_door(device);
    }

    /// A resident with all registered clients.
    pub(super) fn turn_away_resident(&self, resident: &ResidentId) {
        self.logins.forget_resident(resident);
        self.kicker.kick(&Whom::Resident(resident.clone()));
    }

    pub(super) fn forget_operator(&self, operator: &OperatorId) {
        self.logins.forget_operator(operator);
    }
}
