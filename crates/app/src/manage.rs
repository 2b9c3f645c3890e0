//! Use cases of operators: adding communities, flats, residents, devices, operators.

use std::sync::Arc;

use engine::id::{CommunityId, DeviceId, FlatId, ResidentId};

use crate::directory::{
    Community, Device, DeviceReport, DeviceStatus, Flat, Operator, Resident, RoomNaming,
};
use crate::failure::Failure;
use crate::port::{Clock, DirectoryStore, Passwords, Random, StoreFailure};
use crate::principal::DoorPrincipal;
use crate::secret::Secret;

/// Device ids leave room for a prefix inside the 32 characters of a media user id.
const DEVICE_ID_MAX: usize = 28;

/// Words that stand for something else below `devices/` in topics.
const DEVICE_IDS_RESERVED: [&str; 7] = [
    "telemetry",
    "attributes",
    "event",
    "command",
    "register",
    "config",
    "status",
];

const NAME_MAX: usize = 64;
const PASSWORD_MIN: usize = 8;
const PASSWORD_MAX: usize = 128;

/// A resident to be added.
pub struct NewResident {
    /// Where they live.
    pub flat: FlatId,
    /// The login name, 1–64 bytes.
    pub name: String,
    /// 8–128 bytes.
    pub password: Secret,
}

/// A device that was added; its secret is shown this once.
pub struct NewDevice {
    /// Which device.
    pub id: DeviceId,
    /// What it signs in with.
    pub secret: Secret,
}

/// The directory's use cases. Who may use them is decided at the edge.
pub struct Directory {
    store: Arc<dyn DirectoryStore>,
    passwords: Arc<dyn Passwords>,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
}

impl Directory {
    /// Wires the use cases to their ports.
    pub fn new(
        store: Arc<dyn DirectoryStore>,
        passwords: Arc<dyn Passwords>,
        random: Arc<dyn Random>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            passwords,
            random,
            clock,
        }
    }

    /// Adds an operator with a login name (1–64 bytes) and a password (8–128 bytes).
    pub async fn add_operator(&self, name: &str, password: Secret) -> Result<(), Failure> {
        check_name("name", name)?;
        check_password(&password)?;
        let id = self.row_id().into();
        let hash = self.passwords.hash(password).await;
        self.store
            .add_operator(
                Operator {
                    id,
                    name: name.into(),
                },
                hash,
            )
            .await?;
        Ok(())
    }

    /// Adds a community; its name is 1–64 bytes.
    pub async fn add_community(&self, name: &str, rooms: RoomNaming) -> Result<Community, Failure> {
        check_name("name", name)?;
        let community = Community {
            id: self.row_id().into(),
            name: name.into(),
            rooms,
        };
        self.store.add_community(community.clone()).await?;
        Ok(community)
    }

    /// Adds a flat with the number (1–64 bytes) that visitors dial.
    pub async fn add_flat(&self, community: CommunityId, number: &str) -> Result<Flat, Failure> {
        check_name("number", number)?;
        let flat = Flat {
            id: self.row_id().into(),
            community,
            number: number.into(),
        };
        self.store.add_flat(flat.clone()).await?;
        Ok(flat)
    }

    /// Adds a resident who can sign in.
    pub async fn add_resident(&self, new: NewResident) -> Result<ResidentId, Failure> {
        check_name("name", &new.name)?;
        check_password(&new.password)?;
        let id = ResidentId::from(self.row_id());
        let hash = self.passwords.hash(new.password).await;
        let resident = Resident {
            id: id.clone(),
            flat: new.flat,
            name: new.name,
        };
        self.store.add_resident(resident, hash).await?;
        Ok(id)
    }

    /// Adds a device under an id of the operator's choice and makes its secret.
    pub async fn add_device(&self, device: Device) -> Result<NewDevice, Failure> {
        check_device_id(device.id.as_str())?;
        check_name("name", &device.name)?;
        if device.place.len() > NAME_MAX || device.place.chars().any(char::is_control) {
            return Err(Failure::Invalid {
                field: "place",
                problem: "must be at most 64 bytes of text",
            });
        }
        let (id, secret) = (device.id.clone(), self.random.secret());
        let digest = self.random.digest(&secret);
        self.store.add_device(device, digest).await?;
        Ok(NewDevice { id, secret })
    }

    /// Notes what a door says of itself.
    pub async fn report_status(
        &self,
        door: &DoorPrincipal,
        online: bool,
        device_ms: Option<i64>,
    ) -> Result<DeviceStatus, Failure> {
        let heard = self.clock.now();
        let status = DeviceStatus {
            online,
            heard,
            device_ms,
        };
        self.store
            .set_device_status(door.device.clone(), status)
            .await?;
        Ok(status)
    }

    /// A device and what it last said of itself.
    pub async fn find_report(&self, device: DeviceId) -> Result<Option<DeviceReport>, Failure> {
        Ok(self.store.find_report(device).await?)
    }

    fn row_id(&self) -> String {
        self.random.row_id(self.clock.now())
    }
}

impl From<StoreFailure> for Failure {
    fn from(failure: StoreFailure) -> Self {
        match failure {
            StoreFailure::Conflict { what } => Self::Conflict { what },
            StoreFailure::Missing { what } => Self::NotFound { what },
            StoreFailure::Unavailable(_) | StoreFailure::Corrupt { .. } => {
                Self::Unavailable(failure.to_string())
            }
        }
    }
}

fn check_name(field: &'static str, name: &str) -> Result<(), Failure> {
    if name.is_empty() || name.len() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Failure::Invalid {
            field,
            problem: "must be 1 to 64 bytes of text",
        });
    }
    Ok(())
}

fn check_password(password: &Secret) -> Result<(), Failure> {
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&password.expose().len()) {
        return Err(Failure::Invalid {
            field: "password",
            problem: "must be 8 to 128 bytes",
        });
    }
    Ok(())
}

fn check_device_id(id: &str) -> Result<(), Failure> {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if id.is_empty() || id.len() > DEVICE_ID_MAX || !id.bytes().all(is_safe) {
        let problem = "must be 1 to 28 letters, digits, '_' or '-'";
        return Err(Failure::Invalid {
            field: "id",
            problem,
        });
    }
    if DEVICE_IDS_RESERVED.contains(&id) {
        return Err(Failure::Invalid {
            field: "id",
            problem: "is a reserved word",
        });
    }
    Ok(())
}
