//! `DirectoryStore` on SQLite.

use app::directory::{
    BoxedDevice, Building, ClientKey, ClientRow, ClientStatus, Community, Device, DeviceReport,
    DeviceStatus, Flat, Operator, Resident, Unit,
};
use app::port::{Account, BoxFuture, DirectoryStore, Registered, StoredToken};
use app::principal::{Client, DoorPrincipal, Principal};
use app::secret::{PasswordHash, SecretDigest};
use engine::id::{DeviceId, EndpointId, Hand, ResidentId};
use engine::time::Instant;

use crate::directory::{audience, client, device, login, operator, place, resident, token};
use crate::failure::Result;
use crate::store::Store;

impl DirectoryStore for Store {
    fn add_operator(
        &self,
        operator: Operator,
        password: PasswordHash,
    ) -> BoxFuture<'_, Result<()>> {
        Box::pin(
            self.writer
                .run(move |c| operator::add_operator(c, &operator, &password)),
        )
    }

    fn add_community(&self, community: Community) -> BoxFuture<'_, Result<()>> {
        Box::pin(
            self.writer
                .run(move |c| place::add_community(c, &community)),
        )
    }

    fn add_building(&self, building: Building) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |c| place::add_building(c, &building)))
    }

    fn add_unit(&self, unit: Unit) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |c| place::add_unit(c, &unit)))
    }

    fn add_flat(&self, flat: Flat) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |c| place::add_flat(c, &flat)))
    }

    fn add_resident(
        &self,
        resident: Resident,
        password: PasswordHash,
    ) -> BoxFuture<'_, Result<()>> {
        Box::pin(
            self.writer
                .run(move |c| resident::add_resident(c, &resident, &password)),
        )
    }

    fn add_device(&self, device: Device, secret: SecretDigest) -> BoxFuture<'_, Result<()>> {
        Box::pin(
            self.writer
                .run(move |c| device::add_device(c, &device, secret)),
        )
    }

    fn find_account(&self, name: String) -> BoxFuture<'_, Result<Option<Account>>> {
        Box::pin(self.readers.run(move |c| login::find_account(c, &name)))
    }

    fn add_token(&self, token: StoredToken, password: PasswordHash) -> BoxFuture<'_, Result<bool>> {
        Box::pin(
            self.writer
                .run(move |c| token::add_token(c, &token, &password)),
        )
    }

    fn find_token(
        &self,
        digest: SecretDigest,
        now: Instant,
    ) -> BoxFuture<'_, Result<Option<(Principal, Instant)>>> {
        Box::pin(self.readers.run(move |c| token::find_token(c, digest, now)))
    }

    fn register_client(
        &self,
        row: ClientRow,
        login: Hand,
        clients_max: usize,
    ) -> BoxFuture<'_, Result<Option<Registered>>> {
        Box::pin(
            self.writer
                .run(move |c| client::register(c, &row, &login, clients_max)),
        )
    }

    fn find_client(
        &self,
        resident: ResidentId,
        name: String,
    ) -> BoxFuture<'_, Result<Option<Client>>> {
        Box::pin(
            self.readers
                .run(move |c| client::find_client(c, &resident, &name)),
        )
    }

    fn doors(&self) -> BoxFuture<'_, Result<Vec<(DoorPrincipal, SecretDigest)>>> {
        Box::pin(self.readers.run(device::doors))
    }

    fn clients(&self, of: Option<ResidentId>) -> BoxFuture<'_, Result<Vec<(ResidentId, Client)>>> {
        Box::pin(self.readers.run(move |c| client::all(c, of.as_ref())))
    }

    fn client_keys(&self, of: Option<ResidentId>) -> BoxFuture<'_, Result<Vec<ClientKey>>> {
        Box::pin(self.readers.run(move |c| client::keys(c, of.as_ref())))
    }

    fn bind_login(&self, login: Hand, client: Client) -> BoxFuture<'_, Result<bool>> {
        Box::pin(self.writer.run(move |c| client::bind(c, &login, &client)))
    }

    fn set_client_status(
        &self,
        resident: ResidentId,
        name: String,
        status: ClientStatus,
    ) -> BoxFuture<'_, Result<bool>> {
        Box::pin(
            self.writer
                .run(move |c| client::set_status(c, &resident, &name, status)),
        )
    }

    fn set_device_status(
        &self,
        device: DeviceId,
        status: DeviceStatus,
    ) -> BoxFuture<'_, Result<()>> {
        Box::pin(
            self.writer
                .run(move |c| device::set_status(c, &device, status)),
        )
    }

    fn find_report(&self, device: DeviceId) -> BoxFuture<'_, Result<Option<DeviceReport>>> {
        Box::pin(self.readers.run(move |c| {
            let status = device::find_status(c, &device)?;
            Ok(device::find_device(c, &device)?.map(|device| DeviceReport { device, status }))
        }))
    }

    fn endpoints_behind(
        &self,
        ids: Vec<String>,
    ) -> BoxFuture<'_, Result<std::result::Result<Vec<EndpointId>, String>>> {
        Box::pin(
            self.readers
                .run(move |c| audience::endpoints_behind(c, &ids)),
        )
    }

    fn find_device(
        &self,
        device: DeviceId,
    ) -> BoxFuture<'_, Result<Option<(DoorPrincipal, SecretDigest)>>> {
        Box::pin(self.readers.run(move |c| device::find_door(c, &device)))
    }

    fn find_known_device(
        &self,
        device: DeviceId,
    ) -> BoxFuture<'_, Result<Option<(Device, SecretDigest)>>> {
        Box::pin(self.readers.run(move |c| device::find_known(c, &device)))
    }

    fn boxed_devices(&self) -> BoxFuture<'_, Result<Vec<BoxedDevice>>> {
        Box::pin(self.readers.run(device::boxed_devices))
    }
}
