//! What is kept of orders to open doors, codes and sensors; and the audit, of which every change of
//! an order is a row.

use engine::access::{CodeEntry, Credential, CredentialKind, Home, Nonce};
use engine::call::Call;
use engine::id::{
    CallId, CommunityId, CredentialId, DeviceId, EndpointId, FlatId, ResidentId, UnlockId,
};
use engine::time::Instant;
use engine::unlock::{Decision, RequestKey, Unlock};

use crate::directory::Device;
use crate::port::{BoxFuture, Sight, StoreFailure};
use crate::secret::SecretDigest;

/// A door as the directory has it.
#[derive(Clone, Debug)]
pub struct KnownDoor {
    /// The device that moves its lock.
    pub device: Device,
    /// The same as the rules see it.
    pub door: engine::access::Door,
}

/// The facts of one transaction.
pub trait UnlockFacts {
    /// What the same client asked for under the same key.
    fn find_request(&mut self, key: &RequestKey) -> Result<Option<Unlock>, StoreFailure>;
    /// An order.
    fn find_unlock(&mut self, id: &UnlockId) -> Result<Option<Unlock>, StoreFailure>;
    /// A call, also an ended one.
    fn find_call(&mut self, id: &CallId) -> Result<Option<Call>, StoreFailure>;
    /// The live calls in which an endpoint takes part.
    fn calls_of(&mut self, endpoint: &EndpointId) -> Result<Vec<Call>, StoreFailure>;
    /// A device, whatever it is.
    fn find_device(&mut self, device: &DeviceId) -> Result<Option<Device>, StoreFailure>;
    /// A door: a device with a lock.
    fn find_door(&mut self, device: &DeviceId) -> Result<Option<KnownDoor>, StoreFailure>;
    /// Where a flat lies.
    fn home(&mut self, flat: &FlatId) -> Result<Option<Home>, StoreFailure>;
    /// Where a resident lives.
    fn home_of(&mut self, resident: &ResidentId) -> Result<Option<Home>, StoreFailure>;
    /// What was given out under this digest.
    fn find_credential(&mut self, digest: SecretDigest)
    -> Result<Option<Credential>, StoreFailure>;
    /// What was given out with this id.
    fn credential(&mut self, id: &CredentialId) -> Result<Option<Credential>, StoreFailure>;
    /// Wrong codes at a door.
    fn code_entry(&mut self, door: &DeviceId) -> Result<CodeEntry, StoreFailure>;
    /// The permission of an alarm.
    fn nonce(&mut self, digest: SecretDigest) -> Result<Option<Nonce>, StoreFailure>;
}

/// A decision, and what its audit row and the alarm's permission need besides.
pub struct Decided {
    /// What the rules said.
    pub decision: Decision,
    /// The community of the door; none where the order is known already.
    pub community: Option<CommunityId>,
    /// The alarm's permission that was shown.
    pub nonce: Option<SecretDigest>,
    /// The door's device, if it may have to be opened.
    pub device: Option<Device>,
}

/// Loads what it needs and decides, inside one transaction.
pub type UnlockRule =
    Box<dyn FnOnce(&mut dyn UnlockFacts) -> Result<Option<Decided>, StoreFailure> + Send>;

/// An order and the community of its door.
#[derive(Clone, Debug)]
pub struct LoggedUnlock {
    /// The order.
    pub unlock: Unlock,
    /// Where.
    pub community: CommunityId,
}

/// Which orders to list, newest first.
#[derive(Clone, Debug)]
pub struct UnlockQuery {
    /// How far the list may look.
    pub sight: Sight,
    /// Only those in this community.
    pub community: Option<CommunityId>,
    /// Only those of this door.
    pub door: Option<DeviceId>,
    /// Only older ones than this.
    pub before: Option<UnlockId>,
    /// At most this many, 1–201.
    pub limit: usize,
}

/// A credential as it is listed: what it reads is not kept.
#[derive(Clone)]
pub struct ListedCredential {
    /// What the rules know of it.
    pub credential: Credential,
    /// What people call it.
    pub label: String,
    /// When it was given out.
    pub created: Instant,
}

/// Which credentials to list, in the order of their ids.
#[derive(Clone, Debug)]
pub struct CredentialPage {
    /// How far the list may look.
    pub sight: Sight,
    /// Only those in this community.
    pub community: Option<CommunityId>,
    /// Only those of this flat.
    pub flat: Option<FlatId>,
    /// Only those of this kind.
    pub kind: Option<CredentialKind>,
    /// Only those after this one.
    pub after: Option<CredentialId>,
    /// At most this many, 1–201.
    pub limit: usize,
}

/// What a door's sensor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SensorState {
    /// It is open.
    Open,
    /// It is closed.
    Closed,
    /// It was opened rightly and is open for too long.
    HeldOpen,
    /// It is open without having been opened.
    Forced,
}

impl SensorState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Closed, Self::HeldOpen, Self::Forced];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::HeldOpen => "held_open",
            Self::Forced => "forced",
        }
    }
}

/// A door's state as its sensor told it last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensed {
    /// What it said.
    pub state: SensorState,
    /// When the server heard it.
    pub heard: Instant,
}

/// A single-use permission to be kept: from a live alarm.
#[derive(Clone)]
pub struct NewNonce {
    /// What it is found by.
    pub digest: SecretDigest,
    /// The flat with the alarm.
    pub flat: FlatId,
    /// Which alarm.
    pub alarm: String,
    /// Good before this moment.
    pub expires: Instant,
}

/// Orders, credentials and sensors.
pub trait UnlockStore: Send + Sync {
    /// Runs `rule` in a transaction. If the order changed it is written whole with a row of the
    /// door's audit, what it uses up and the count of wrong codes. Resolves after the commit.
    fn decide_unlock(
        &self,
        rule: UnlockRule,
    ) -> BoxFuture<'_, Result<Option<Decided>, StoreFailure>>;

    /// An order, and where its door stands.
    fn find_logged_unlock(
        &self,
        id: UnlockId,
    ) -> BoxFuture<'_, Result<Option<LoggedUnlock>, StoreFailure>>;

    /// Orders without a result whose time is over at `now`, at most 200.
    fn overdue_unlocks(&self, now: Instant) -> BoxFuture<'_, Result<Vec<UnlockId>, StoreFailure>>;

    /// Orders that were authorised and of which nothing is known since.
    fn unsent_unlocks(&self) -> BoxFuture<'_, Result<Vec<UnlockId>, StoreFailure>>;

    /// Orders, newest first.
    fn list_unlocks(
        &self,
        query: UnlockQuery,
    ) -> BoxFuture<'_, Result<Vec<LoggedUnlock>, StoreFailure>>;

    /// The doors of a community, by id: those that are no flat's own.
    fn common_doors(
        &self,
        community: CommunityId,
    ) -> BoxFuture<'_, Result<Vec<DeviceId>, StoreFailure>>;

    /// A door.
    fn find_known_door(
        &self,
        device: DeviceId,
    ) -> BoxFuture<'_, Result<Option<KnownDoor>, StoreFailure>>;

    /// Keeps a credential. A digest that is there already is a conflict.
    fn add_credential(
        &self,
        credential: ListedCredential,
        digest: SecretDigest,
    ) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Credentials, in the order of their ids.
    fn list_credentials(
        &self,
        page: CredentialPage,
    ) -> BoxFuture<'_, Result<Vec<ListedCredential>, StoreFailure>>;

    /// A credential.
    fn find_listed_credential(
        &self,
        id: CredentialId,
    ) -> BoxFuture<'_, Result<Option<ListedCredential>, StoreFailure>>;

    /// Forgets a credential; false if there is none.
    fn remove_credential(&self, id: CredentialId) -> BoxFuture<'_, Result<bool, StoreFailure>>;

    /// Notes what a door's sensor says, with a row of the audit where that is news.
    fn note_sensor(
        &self,
        door: DeviceId,
        sensed: Sensed,
    ) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// What a door's sensor said last.
    fn find_sensed(&self, door: DeviceId) -> BoxFuture<'_, Result<Option<Sensed>, StoreFailure>>;

    /// Keeps an alarm's permission, and forgets those that ended more than a day before it does.
    fn add_nonce(&self, nonce: NewNonce) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Says whose own door it is; none: nobody's.
    fn set_door_flat(
        &self,
        door: DeviceId,
        flat: Option<FlatId>,
    ) -> BoxFuture<'_, Result<(), StoreFailure>>;
}
