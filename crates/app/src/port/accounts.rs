//! Accounts at a broker that is not ours and must be given them.

use engine::id::{DeviceId, ResidentId};

use crate::port::{BoxFuture, StoreFailure};
use crate::principal::Client;
use crate::secret::Secret;

/// What is shown to the broker.
pub struct BrokerAccount {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: Secret,
}

/// Sees to it that those who may connect have an account. A broker that is away gets the accounts
/// when it is back; nobody waits for it longer than a moment.
pub trait BrokerAccounts: Send + Sync {
    /// The door's account; none if there is no such door.
    fn open_door(
        &self,
        door: DeviceId,
    ) -> BoxFuture<'_, Result<Option<BrokerAccount>, StoreFailure>>;

    /// The account of a registered client; none if it is registered no more.
    fn open_client(
        &self,
        resident: ResidentId,
        client: Client,
    ) -> BoxFuture<'_, Result<Option<BrokerAccount>, StoreFailure>>;
}
