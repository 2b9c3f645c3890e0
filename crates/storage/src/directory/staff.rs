//! `StaffStore` on SQLite.

use app::directory::Operator;
use app::port::{AccountKind, BoxFuture, Edit, StaffStore};
use app::secret::{PasswordHash, SecretDigest};
use engine::id::{DeviceId, OperatorId};

use crate::directory::{device, login, operator, token};
use crate::failure::Result;
use crate::store::Store;

impl StaffStore for Store {
    fn find_operator(&self, id: OperatorId) -> BoxFuture<'_, Result<Option<Operator>>> {
        Box::pin(self.readers.run(move |c| operator::find_operator(c, &id)))
    }

    fn list_operators(
        &self,
        after: Option<OperatorId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Operator>>> {
        Box::pin(
            self.readers
                .run(move |c| operator::list_operators(c, after.as_ref(), limit)),
        )
    }

    fn change_operator(
        &self,
        id: OperatorId,
        edit: Edit<Operator>,
    ) -> BoxFuture<'_, Result<Operator>> {
        Box::pin(self.writer.run(move |c| operator::change(c, &id, edit)))
    }

    fn remove_operator(&self, id: OperatorId) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |c| operator::remove(c, &id)))
    }

    fn set_password(&self, kind: AccountKind, password: PasswordHash) -> BoxFuture<'_, Result<()>> {
        Box::pin(
            self.writer
                .run(move |c| login::set_password(c, &kind, &password)),
        )
    }

    fn remove_token(&self, digest: SecretDigest) -> BoxFuture<'_, Result<bool>> {
        Box::pin(self.writer.run(move |c| token::remove_token(c, digest)))
    }

    fn set_device_secret(&self, id: DeviceId, secret: SecretDigest) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |c| device::set_secret(c, &id, secret)))
    }
}
