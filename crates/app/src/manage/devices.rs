//! Devices, their secrets and what they say of themselves.

use std::net::SocketAddr;

use engine::id::DeviceId;

use crate::directory::{
    Device, DeviceKind, DeviceReport, DeviceStatus, Peer, Profile, Resident, UnitId,
};
use crate::failure::Failure;
use crate::manage::check::{check_device_id, check_kind, check_name, check_place};
use crate::manage::directory::Directory;
use crate::manage::places::set;
use crate::manage::times::{TimesEdit, check_times};
use crate::principal::{DoorControl, DoorPrincipal};
use crate::secret::Secret;

/// Ids of rows are made by us, all of this length.
const RESIDENT_ID_LENGTH: usize = 16;

/// A device with a new secret, which is shown this once.
pub struct NewDevice {
    /// Which device.
    pub id: DeviceId,
    /// What it signs in with.
    pub secret: Secret,
}

/// What may change of a device; what is none stays.
#[derive(Default)]
pub struct DeviceEdit {
    /// 1–64 bytes.
    pub name: Option<String>,
    /// At most 64 bytes.
    pub place: Option<String>,
    /// An entrance of the same community, or none of them.
    pub unit: Option<Option<UnitId>>,
    /// Of a panel: which form of control messages it hears. Closes its connections.
    pub control: Option<DoorControl>,
    /// Of one that is known by its address: where it is. Closes its connections.
    pub address: Option<SocketAddr>,
    /// Of one that speaks the TCP box protocol: in which words. Closes its connections.
    pub profile: Option<Profile>,
    /// How long calls from it ring and last.
    pub times: TimesEdit,
}

impl Directory {
    /// Adds a device under an id of the operator's choice and makes its secret. One that begins with a
    /// resident's is refused: MQTT's user names are ids of both, and client ids begin with them.
    pub async fn add_device(&self, device: Device) -> Result<NewDevice, Failure> {
        check_device_id(device.id.as_str())?;
        let id = device.id.as_str();
        let begin = id.get(..RESIDENT_ID_LENGTH).unwrap_or(id);
        match self.load::<Resident>(begin).await {
            Err(Failure::NotFound { .. }) => {}
            Err(failure) => return Err(failure),
            Ok(_) => {
                return Err(Failure::Invalid {
                    field: "id",
                    problem: "begins like an id that is given already; choose another",
                });
            }
        }
        check_name("name", &device.name)?;
        check_place(&device.place)?;
        check_times(device.times)?;
        check_kind(&device.kind)?;
        let (id, secret) = (device.id.clone(), self.ports.random.secret());
        let digest = self.ports.random.digest(&secret);
        self.ports.store.add_device(device, digest).await?;
        self.note_peers().await?;
        Ok(NewDevice { id, secret })
    }

    /// Changes a device.
    pub async fn change_device(&self, id: &DeviceId, edit: DeviceEdit) -> Result<Device, Failure> {
        edit.name
            .iter()
            .try_for_each(|name| check_name("name", name))?;
        edit.place.iter().try_for_each(|place| check_place(place))?;
        edit.times.check()?;
        let speaks_anew = edit.control.is_some();
        let present = self.load::<Device>(id.as_str()).await?.entry.kind;
        let kind = edit_kind(present, &edit)?;
        check_kind(&kind)?;
        let changed = self.change(id.as_str(), move |device: &mut Device| {
            set(&mut device.name, edit.name);
            set(&mut device.place, edit.place);
            set(&mut device.unit, edit.unit);
            device.kind = kind;
            edit.times.write(&mut device.times);
        });
        let changed = changed.await?.entry;
        if speaks_anew {
            self.turn_away_door(id);
        }
        self.note_peers().await?;
        Ok(changed)
    }

    /// Makes a new secret; the old one is worth nothing from now on, and connections that showed it
    /// are closed.
    pub async fn renew_secret(&self, id: &DeviceId) -> Result<NewDevice, Failure> {
        let secret = self.ports.random.secret();
        let digest = self.ports.random.digest(&secret);
        self.ports
            .staff
            .set_device_secret(id.clone(), digest)
            .await?;
        self.turn_away_door(id);
        if let Some(gate) = self.gate() {
            gate.peers.turn_away(id);
        }
        let id = id.clone();
        Ok(NewDevice { id, secret })
    }

    /// Removes a device that is in no live call.
    pub async fn remove_device(&self, id: &DeviceId) -> Result<(), Failure> {
        self.remove::<Device>(id.as_str()).await?;
        if let Some(gate) = self.gate() {
            gate.forget_door(id);
        }
        self.note_peers().await
    }

    /// Says who speaks the TCP box protocol now.
    pub(super) async fn note_peers(&self) -> Result<(), Failure> {
        match self.gate() {
            Some(gate) => gate.peers.refresh(&*self.ports.store).await,
            None => Ok(()),
        }
    }

    fn turn_away_door(&self, id: &DeviceId) {
        if let Some(gate) = self.gate() {
            gate.turn_away_door(id);
        }
    }

    /// Notes what a door says of itself.
    pub async fn report_status(
        &self,
        door: &DoorPrincipal,
        online: bool,
        device_ms: Option<i64>,
    ) -> Result<DeviceStatus, Failure> {
        let status = DeviceStatus {
            online,
            heard: self.ports.clock.now(),
            device_ms,
        };
        let device = door.device.clone();
        self.ports.store.set_device_status(device, status).await?;
        Ok(status)
    }

    /// A device and what it last said of itself.
    pub async fn find_report(&self, device: DeviceId) -> Result<Option<DeviceReport>, Failure> {
        Ok(self.ports.store.find_report(device).await?)
    }
}

/// The kind with what the edit says of it. What a device is never changes.
fn edit_kind(mut kind: DeviceKind, edit: &DeviceEdit) -> Result<DeviceKind, Failure> {
    let refused = |field| Failure::Invalid {
        field,
        problem: "does not belong to a device of this kind",
    };
    match (&mut kind, edit.control) {
        (DeviceKind::Panel(control), Some(wanted)) => *control = wanted,
        (_, Some(_)) => return Err(refused("control")),
        (_, None) => {}
    }
    match (peer_of(&mut kind), edit.address) {
        (Some(peer), Some(address)) => (peer.ip, peer.port) = (address.ip(), address.port()),
        (None, Some(_)) => return Err(refused("address")),
        (_, None) => {}
    }
    match (profile_of(&mut kind), edit.profile) {
        (Some(profile), Some(wanted)) => *profile = wanted,
        (None, Some(_)) => return Err(refused("profile")),
        (_, None) => {}
    }
    Ok(kind)
}

fn peer_of(kind: &mut DeviceKind) -> Option<&mut Peer> {
    match kind {
        DeviceKind::Outdoor(peer)
        | DeviceKind::Centre(peer)
        | DeviceKind::InnerBox { peer, .. } => Some(peer),
        DeviceKind::Panel(_) | DeviceKind::Screen { .. } => None,
    }
}

fn profile_of(kind: &mut DeviceKind) -> Option<&mut Profile> {
    match kind {
        DeviceKind::Screen { profile, .. } => Some(profile),
        DeviceKind::Panel(_) => None,
        DeviceKind::Outdoor(_) | DeviceKind::Centre(_) | DeviceKind::InnerBox { .. } => {
            peer_of(kind).map(|peer| &mut peer.profile)
        }
    }
}
