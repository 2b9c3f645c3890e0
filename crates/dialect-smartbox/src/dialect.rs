//! What all parts of the dialect share: its ports and its links.

use std::sync::Arc;

use app::alarms::Alarms;
use app::calls::Calls;
use app::peer_book::PeerBook;
use app::screens::Screens;
use app::task::Tasks;
use app::unlock::Unlocks;

use crate::registry::Registry;
use crate::settings::Settings;

/// What the dialect needs.
pub struct SmartboxPorts {
    /// The calls.
    pub calls: Calls,
    /// Opening doors.
    pub unlocks: Unlocks,
    /// The alarms.
    pub alarms: Alarms,
    /// Screens that sign in.
    pub screens: Arc<Screens>,
    /// Who speaks this protocol.
    pub peers: Arc<PeerBook>,
    /// Runs connections.
    pub tasks: Tasks,
    /// Where and how.
    pub settings: Settings,
}

/// The `SmartBox` dialect. A handle, cheap to clone.
#[derive(Clone)]
pub struct Smartbox(Arc<Parts>);

struct Parts {
    ports: SmartboxPorts,
    registry: Registry,
}

impl Smartbox {
    /// Wires the dialect to its ports.
    pub fn new(ports: SmartboxPorts) -> Self {
        Self(Arc::new(Parts {
            ports,
            registry: Registry::default(),
        }))
    }

    pub(crate) fn ports(&self) -> &SmartboxPorts {
        &self.0.ports
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.0.registry
    }
}
