//! Who speaks the TCP box protocol: by address, by id, all in memory.
//!
//! Who connects is known by the address it comes from, so looking that up must not wait for the
//! store. Addresses to call are taken from here alone: no message can name another.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use engine::id::{CommunityId, DeviceId, EndpointId, FlatId};
use tokio::sync::{Mutex, watch};

use crate::directory::{BoxedDevice, DeviceKind};
use crate::failure::Failure;
use crate::port::DirectoryStore;

/// All of them, as they were when asked.
#[derive(Default)]
pub struct Peers {
    by_id: BTreeMap<DeviceId, Arc<BoxedDevice>>,
    by_ip: HashMap<IpAddr, Arc<BoxedDevice>>,
    by_endpoint: HashMap<EndpointId, Arc<BoxedDevice>>,
    /// How often each device was turned away since the start.
    turned_away: HashMap<DeviceId, u64>,
}

/// Keeps them as the directory has them.
pub struct PeerBook {
    peers: RwLock<Arc<Peers>>,
    /// Held while reading the store, so that nothing older replaces what was read later.
    turn: Mutex<()>,
    changed: watch::Sender<u64>,
}

impl Peers {
    fn new(devices: Vec<BoxedDevice>, turned_away: HashMap<DeviceId, u64>) -> Self {
        let mut peers = Self {
            turned_away,
            ..Self::default()
        };
        for boxed in devices.into_iter().map(Arc::new) {
            let device = &boxed.device;
            if let Some(peer) = device.kind.peer() {
                peers.by_ip.insert(peer.ip, Arc::clone(&boxed));
            }
            peers
                .by_endpoint
                .insert(device.endpoint(), Arc::clone(&boxed));
            peers.by_id.insert(device.id.clone(), boxed);
        }
        peers
    }

    /// By its id.
    pub fn find(&self, device: &DeviceId) -> Option<&Arc<BoxedDevice>> {
        self.by_id.get(device)
    }

    /// By the address it comes from.
    pub fn find_by_ip(&self, ip: IpAddr) -> Option<&Arc<BoxedDevice>> {
        self.by_ip.get(&ip)
    }

    /// By what rings when it is called.
    pub fn find_by_endpoint(&self, endpoint: &EndpointId) -> Option<&Arc<BoxedDevice>> {
        self.by_endpoint.get(endpoint)
    }

    /// The screens and boxes of a flat.
    pub fn in_flat<'a>(&'a self, flat: &'a FlatId) -> impl Iterator<Item = &'a Arc<BoxedDevice>> {
        let all = self.by_id.values();
        all.filter(move |boxed| boxed.device.kind.flat() == Some(flat))
    }

    /// The property desks of a community.
    pub fn centres<'a>(
        &'a self,
        community: &'a CommunityId,
    ) -> impl Iterator<Item = &'a Arc<BoxedDevice>> {
        self.by_id.values().filter(move |boxed| {
            matches!(boxed.device.kind, DeviceKind::Centre(_))
                && boxed.device.community == *community
        })
    }

    /// How often the device was turned away: who was let in at another count is to be closed.
    pub fn turns(&self, device: &DeviceId) -> u64 {
        self.turned_away.get(device).copied().unwrap_or_default()
    }
}

impl PeerBook {
    /// A book of these.
    pub fn new(devices: Vec<BoxedDevice>) -> Self {
        let (changed, _) = watch::channel(0);
        Self {
            peers: RwLock::new(Arc::new(Peers::new(devices, HashMap::new()))),
            turn: Mutex::default(),
            changed,
        }
    }

    /// All of them, as they are now.
    pub fn peers(&self) -> Arc<Peers> {
        let peers = self.peers.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&peers)
    }

    /// Tells of changes from now on.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Reads them again.
    pub(crate) async fn refresh(&self, store: &dyn DirectoryStore) -> Result<(), Failure> {
        let _turn = self.turn.lock().await;
        let devices = store.boxed_devices().await?;
        self.replace(|peers| Peers::new(devices, peers.turned_away.clone()));
        Ok(())
    }

    /// Whoever was let in as this device is to be closed.
    pub(crate) fn turn_away(&self, device: &DeviceId) {
        self.replace(|peers| {
            let devices = peers.by_id.values().map(|boxed| (**boxed).clone());
            let mut turned_away = peers.turned_away.clone();
            *turned_away.entry(device.clone()).or_default() += 1;
            Peers::new(devices.collect(), turned_away)
        });
    }

    fn replace(&self, make: impl FnOnce(&Peers) -> Peers) {
        let mut peers = self.peers.write().unwrap_or_else(PoisonError::into_inner);
        *peers = Arc::new(make(&peers));
        drop(peers);
        self.changed.send_modify(|count| *count += 1);
    }
}
