//! Showing somebody the door.

use engine::id::{DeviceId, ResidentId};

use crate::principal::Client;

/// Whose connections are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// A door's.
    Door(DeviceId),
    /// All phones of a resident, registered clients included.
    Resident(ResidentId),
    /// One registered client's.
    Client(Client),
}

/// Closes connections.
pub trait Kicker: Send + Sync {
    /// Closes every connection of whoever is meant, also one that has shown its secret and is being
    /// opened at this moment. Whoever may still come in can come again. What is remembered of the
    /// secrets is forgotten before.
    fn kick(&self, whom: &Whom);

    /// Likewise for a door that is no more, and drops what waits for it and its trace: whoever gets
    /// its id later inherits nothing.
    fn forget_door(&self, door: &DeviceId);
}
