//! What is kept. One truth, two ports: calls and the directory.
//!
//! Acknowledged means stored: every future that resolves to `Ok` has survived a power cut.

use engine::call::{Call, Decision, Version};
use engine::id::{CallId, CommunityId, DeviceId, EndpointId, Hand, ResidentId};
use engine::time::Instant;

use crate::directory::{
    BoxedDevice, Building, ClientKey, ClientRow, ClientStatus, Community, Device, DeviceReport,
    DeviceStatus, Flat, Household, Operator, Resident, Unit,
};
use crate::failure::Failure;
use crate::port::BoxFuture;
use crate::port::errand::Errand;
use crate::principal::{Client, DoorPrincipal, Principal};
use crate::secret::{PasswordHash, SecretDigest};

/// Why the store did not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreFailure {
    /// Disk or database; nothing was written.
    #[error("storage unavailable: {0}")]
    Unavailable(String),
    /// Something unique exists already; nothing was written.
    #[error("{what} already exists")]
    Conflict {
        /// What exists.
        what: &'static str,
    },
    /// Something referred to does not exist; nothing was written.
    #[error("{what} does not exist")]
    Missing {
        /// What is missing.
        what: &'static str,
    },
    /// Something else refers to it; nothing was written.
    #[error("{what} must stay: {why}")]
    Held {
        /// What was to go.
        what: &'static str,
        /// What refers to it.
        why: &'static str,
    },
    /// A row cannot be understood.
    #[error("table {table}, row {row} is corrupt")]
    Corrupt {
        /// Where.
        table: &'static str,
        /// Which row, by its key.
        row: String,
    },
}

impl From<StoreFailure> for Failure {
    fn from(failure: StoreFailure) -> Self {
        match failure {
            StoreFailure::Conflict { what } => Self::Conflict { what },
            StoreFailure::Missing { what } => Self::NotFound { what },
            StoreFailure::Held { what, why } => Self::Held { what, why },
            StoreFailure::Unavailable(_) | StoreFailure::Corrupt { .. } => {
                Self::Unavailable(failure.to_string())
            }
        }
    }
}

/// The facts of one transaction.
pub trait CallFacts {
    /// A call, also an ended one.
    fn call(&mut self, id: &CallId) -> Result<Option<Call>, StoreFailure>;
    /// Every live call in which the endpoint is a party.
    fn calls_of(&mut self, endpoint: &EndpointId) -> Result<Vec<Call>, StoreFailure>;
    /// The call that holds the endpoint's line.
    fn line(&mut self, endpoint: &EndpointId) -> Result<Option<CallId>, StoreFailure>;
    /// A device, by id.
    fn device(&mut self, id: &DeviceId) -> Result<Option<Device>, StoreFailure>;
    /// The property desks of a community, in the order of their ids.
    fn centres(&mut self, community: &CommunityId) -> Result<Vec<Device>, StoreFailure>;
    /// A household by the number a visitor dials.
    fn household(
        &mut self,
        community: &CommunityId,
        number: &str,
    ) -> Result<Option<Household>, StoreFailure>;
    /// Keeps an errand that the decision owes, in the same transaction and due at once.
    fn owe(&mut self, errand: Errand) -> Result<(), StoreFailure>;
}

/// Loads what it needs and decides, inside one transaction. May be called again when the
/// transaction met a conflict, so it must not act on anything but its arguments.
pub type CallRule =
    Box<dyn FnMut(&mut dyn CallFacts) -> Result<Option<Decision>, StoreFailure> + Send>;

/// Calls and their records.
pub trait CallStore: Send + Sync {
    /// Runs `rule` in a transaction and writes every changed call whole with its lines; a call that
    /// ended becomes its record. Resolves after the commit; a conflict on a line decides again.
    fn decide(&self, rule: CallRule) -> BoxFuture<'_, Result<Option<Decision>, StoreFailure>>;

    /// A call, also one that ended long ago.
    fn find_call(&self, id: CallId) -> BoxFuture<'_, Result<Option<Call>, StoreFailure>>;

    /// The live call whose media room has this number.
    fn find_in_room(&self, number: u32) -> BoxFuture<'_, Result<Option<Call>, StoreFailure>>;

    /// Live calls whose deadline is at or before `now`, soonest first, at most 200.
    fn due(&self, now: Instant) -> BoxFuture<'_, Result<Vec<(CallId, Version)>, StoreFailure>>;

    /// Every live call, and those that ended at or after `since`.
    fn recent(&self, since: Instant) -> BoxFuture<'_, Result<Vec<Call>, StoreFailure>>;
}

/// What signs in with a name and a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// A resident, by id.
    Resident(ResidentId),
    /// An operator, by id.
    Operator(engine::id::OperatorId),
}

/// A name that may sign in.
#[derive(Clone)]
pub struct Account {
    /// Who.
    pub kind: AccountKind,
    /// The hashed password.
    pub password: PasswordHash,
}

/// A login token as it is kept.
#[derive(Clone)]
pub struct StoredToken {
    /// Its own id: the login.
    pub login: Hand,
    /// The digest it is found by.
    pub digest: SecretDigest,
    /// Whose it is.
    pub kind: AccountKind,
    /// When it stops being valid.
    pub expires: Instant,
}

/// What came of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Which client it is now.
    pub client: Client,
    /// Those that had to go.
    pub gone: Vec<Client>,
}

/// Communities, flats, people, devices, logins.
pub trait DirectoryStore: Send + Sync {
    /// Adds an operator with a login name.
    fn add_operator(
        &self,
        operator: Operator,
        password: PasswordHash,
    ) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Adds a community.
    fn add_community(&self, community: Community) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Adds a building; its name is unique in its community.
    fn add_building(&self, building: Building) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Adds a unit; its name is unique in its building.
    fn add_unit(&self, unit: Unit) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Adds a flat; its number is unique in its community.
    fn add_flat(&self, flat: Flat) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Adds a resident with a login name.
    fn add_resident(
        &self,
        resident: Resident,
        password: PasswordHash,
    ) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Adds a device with its secret's digest.
    fn add_device(
        &self,
        device: Device,
        secret: SecretDigest,
    ) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Who signs in under this name.
    fn find_account(&self, name: String) -> BoxFuture<'_, Result<Option<Account>, StoreFailure>>;

    /// Keeps a login token if the account still has this password; says whether it has.
    fn add_token(
        &self,
        token: StoredToken,
        password: PasswordHash,
    ) -> BoxFuture<'_, Result<bool, StoreFailure>>;

    /// The principal of a token, if it exists and is valid at `now`, and until when.
    fn find_token(
        &self,
        digest: SecretDigest,
        now: Instant,
    ) -> BoxFuture<'_, Result<Option<(Principal, Instant)>, StoreFailure>>;

    /// Adds a client, or finds the one its resident registered under the same name before, and
    /// binds a login to it; none, and nothing done, if the login is over. At `clients_max` clients
    /// of one resident the one that registered longest ago goes.
    fn register_client(
        &self,
        client: ClientRow,
        login: Hand,
        clients_max: usize,
    ) -> BoxFuture<'_, Result<Option<Registered>, StoreFailure>>;

    /// A client that a resident registered under this name.
    fn find_client(
        &self,
        resident: ResidentId,
        name: String,
    ) -> BoxFuture<'_, Result<Option<Client>, StoreFailure>>;

    /// The keys of a resident's clients, or of all clients there are; those without one are left
    /// out.
    fn client_keys(
        &self,
        of: Option<ResidentId>,
    ) -> BoxFuture<'_, Result<Vec<ClientKey>, StoreFailure>>;

    /// Binds a login to a client: from now on it acts for it. False if the login is over.
    fn bind_login(&self, login: Hand, client: Client) -> BoxFuture<'_, Result<bool, StoreFailure>>;

    /// Notes what a client says of itself; false if the resident has no such client.
    fn set_client_status(
        &self,
        resident: ResidentId,
        name: String,
        status: ClientStatus,
    ) -> BoxFuture<'_, Result<bool, StoreFailure>>;

    /// Notes what a device says of itself. Need not survive a power cut.
    fn set_device_status(
        &self,
        device: DeviceId,
        status: DeviceStatus,
    ) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// A device and what it last said of itself.
    fn find_report(
        &self,
        device: DeviceId,
    ) -> BoxFuture<'_, Result<Option<DeviceReport>, StoreFailure>>;

    /// The endpoints behind ids of residents, devices, flats and communities; the first id that is
    /// none of them is the error.
    fn endpoints_behind(
        &self,
        ids: Vec<String>,
    ) -> BoxFuture<'_, Result<Result<Vec<EndpointId>, String>, StoreFailure>>;

    /// A panel that speaks iLock, and the digest of its secret.
    fn find_device(
        &self,
        device: DeviceId,
    ) -> BoxFuture<'_, Result<Option<(DoorPrincipal, SecretDigest)>, StoreFailure>>;

    /// A device of any kind and the digest of its secret.
    fn find_known_device(
        &self,
        device: DeviceId,
    ) -> BoxFuture<'_, Result<Option<(Device, SecretDigest)>, StoreFailure>>;

    /// Every device that speaks the TCP box protocol.
    fn boxed_devices(&self) -> BoxFuture<'_, Result<Vec<BoxedDevice>, StoreFailure>>;

    /// All panels, as above.
    fn doors(&self) -> BoxFuture<'_, Result<Vec<(DoorPrincipal, SecretDigest)>, StoreFailure>>;

    /// The clients of a resident, or all there are, with whose they are.
    fn clients(
        &self,
        of: Option<ResidentId>,
    ) -> BoxFuture<'_, Result<Vec<(ResidentId, Client)>, StoreFailure>>;
}
