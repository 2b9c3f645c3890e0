//! Operators as they are kept, and the ends of logins.

use engine::id::{DeviceId, OperatorId};

use crate::directory::Operator;
use crate::port::{AccountKind, BoxFuture, Edit, StoreFailure};
use crate::secret::{PasswordHash, SecretDigest};

/// Operators and secrets.
pub trait StaffStore: Send + Sync {
    /// An operator.
    fn find_operator(
        &self,
        id: OperatorId,
    ) -> BoxFuture<'_, Result<Option<Operator>, StoreFailure>>;

    /// Operators after this id, at most `limit`, in the order of their ids.
    fn list_operators(
        &self,
        after: Option<OperatorId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Operator>, StoreFailure>>;

    /// Reads an operator, edits name and reach, and writes both in one transaction. The last owner
    /// stays one.
    fn change_operator(
        &self,
        id: OperatorId,
        edit: Edit<Operator>,
    ) -> BoxFuture<'_, Result<Operator, StoreFailure>>;

    /// Removes an operator with all logins. The last owner stays.
    fn remove_operator(&self, id: OperatorId) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Sets a password and ends every login and registration that came from the old one.
    fn set_password(
        &self,
        kind: AccountKind,
        password: PasswordHash,
    ) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Ends the login of a token; false if there is none.
    fn remove_token(&self, digest: SecretDigest) -> BoxFuture<'_, Result<bool, StoreFailure>>;

    /// Sets the digest of a device's secret.
    fn set_device_secret(
        &self,
        id: DeviceId,
        secret: SecretDigest,
    ) -> BoxFuture<'_, Result<(), StoreFailure>>;
}
