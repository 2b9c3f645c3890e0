//! The accounts of doors and registered clients at a broker that must be given them.
//!
//! Nothing of them is stored here: names follow from the directory, and passwords from it and the
//! server's key. So whatever the broker forgets can be made again, and a password ends with the
//! secret or the registration that it came from.

use std::sync::Arc;

use app::port::{
    BoxFuture, BrokerAccount, BrokerAccounts, DirectoryStore, Kicker, Random, StoreFailure, Whom,
};
use app::principal::{Client, DoorPrincipal, Principal, ResidentPrincipal, unshared_client_id};
use app::secret::{Secret, SecretDigest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bus::Rights;
use bus_external::{Account, AccountList, Keeper};
use engine::id::{DeviceId, Hand, ResidentId};

use crate::edge::external::Dialects;

/// Counts the ways in which rights were written down: all accounts are made anew with the next one.
const RULES: u32 = 1;

const DOOR: &str = "door:";
const RESIDENT: &str = "resident:";

/// Who is to have an account.
pub(crate) struct Ledger {
    pub(crate) store: Arc<dyn DirectoryStore>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) dialects: Dialects,
}

/// Sees to it that those who may connect can, and that those who may not cannot.
pub(crate) struct Accounts {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) keeper: Keeper,
}

impl Ledger {
    fn door(&self, door: DoorPrincipal, secret: SecretDigest) -> Account {
        let owner = door_owner(&door.device);
        let client_id = door.device.to_string();
        let from = format!("{owner} {}", text(&secret));
        let rights = self.rights(&Principal::Door(door));
        self.account(owner.clone(), owner, client_id, &from, rights)
    }

    fn client(&self, resident: ResidentId, client: Client) -> Account {
        let (username, owner) = (client_name(&client), resident_owner(&resident));
        let from = format!("{username} {owner}");
        let client_id = unshared_client_id(&resident, &client.name);
        let rights = self.rights(&Principal::Resident(ResidentPrincipal {
            resident,
            login: Hand::from(client.name.as_str()),
            client: Some(client),
        }));
        self.account(username, owner, client_id, &from, rights)
    }

    /// With a client id that is its alone: at such a broker sessions belong to client ids, and whoever
    /// comes with one takes over what was there.
    fn account(
        &self,
        username: String,
        owner: String,
        client_id: String,
        from: &str,
        rights: Rights,
    ) -> Account {
        let password = self.derive(&format!("password at an external broker: {from}"));
        let all = format!("{password} {client_id:?} {rights:?} {RULES}");
        let mark = self.derive(&format!("mark at an external broker: {all}"));
        Account {
            username,
            owner,
            password,
            client_id: Some(client_id),
            rights,
            mark,
        }
    }

    /// Nobody without the server's key can tell one from another or from nothing.
    fn derive(&self, from: &str) -> String {
        text(&self.random.digest(&Secret::new(from.to_owned())))
    }

    fn rights(&self, principal: &Principal) -> Rights {
        let mut all = Rights::default();
        for dialect in self.dialects.get().into_iter().flatten() {
            let Rights { subscribe, publish } = dialect.rights(principal);
            all.subscribe.extend(subscribe);
            all.publish.extend(publish);
        }
        all
    }

    async fn everyone(&self) -> Result<Vec<Account>, StoreFailure> {
        let doors = self.store.doors().await?.into_iter();
        let mut accounts: Vec<_> = doors
            .map(|(door, secret)| self.door(door, secret))
            .collect();
        accounts.extend(self.clients(None).await?);
        Ok(accounts)
    }

    async fn clients(&self, of: Option<ResidentId>) -> Result<Vec<Account>, StoreFailure> {
        let clients = self.store.clients(of).await?.into_iter();
        let to_account = |(resident, client)| self.client(resident, client);
        Ok(clients.map(to_account).collect())
    }

    async fn owners(&self, owner: &str) -> Result<Vec<Account>, StoreFailure> {
        if let Some(device) = owner.strip_prefix(DOOR) {
            return Ok(self.one_door(device.into()).await?.into_iter().collect());
        }
        match owner.strip_prefix(RESIDENT) {
            Some(resident) => self.clients(Some(resident.into())).await,
            None => Ok(Vec::new()),
        }
    }

    async fn one_door(&self, device: DeviceId) -> Result<Option<Account>, StoreFailure> {
        let found = self.store.find_device(device).await?;
        Ok(found.map(|(door, secret)| self.door(door, secret)))
    }
}

impl AccountList for Ledger {
    fn all(&self) -> BoxFuture<'_, Result<Vec<Account>, String>> {
        Box::pin(async { self.everyone().await.map_err(|failure| failure.to_string()) })
    }

    fn of<'a>(&'a self, owner: &'a str) -> BoxFuture<'a, Result<Vec<Account>, String>> {
        Box::pin(async {
            self.owners(owner)
                .await
                .map_err(|failure| failure.to_string())
        })
    }
}

impl Accounts {
    async fn open(&self, account: Account) -> BrokerAccount {
        let opened = self.keeper.open(account.owner).await;
        tracing::debug!(
            account = account.username,
            ?opened,
            "an account at the MQTT broker"
        );
        BrokerAccount {
            username: account.username,
            password: Secret::new(account.password),
        }
    }
}

impl BrokerAccounts for Accounts {
    fn open_door(
        &self,
        door: DeviceId,
    ) -> BoxFuture<'_, Result<Option<BrokerAccount>, StoreFailure>> {
        Box::pin(async {
            match self.ledger.one_door(door).await? {
                Some(account) => Ok(Some(self.open(account).await)),
                None => Ok(None),
            }
        })
    }

    fn open_client(
        &self,
        resident: ResidentId,
        client: Client,
    ) -> BoxFuture<'_, Result<Option<BrokerAccount>, StoreFailure>> {
        Box::pin(async {
            let name = client.name.clone();
            let found = self
                .ledger
                .store
                .find_client(resident.clone(), name)
                .await?;
            if found.as_ref() != Some(&client) {
                return Ok(None);
            }
            let account = self.ledger.client(resident, client);
            Ok(Some(self.open(account).await))
        })
    }
}

/// What is left to whom is looked up when the broker is told, so that what was decided last counts.
impl Kicker for Accounts {
    fn kick(&self, whom: &Whom) {
        match whom {
            Whom::Door(device) => self.keeper.renew(door_owner(device)),
            Whom::Resident(resident) => self.keeper.renew(resident_owner(resident)),
            Whom::Client(client) => self.keeper.close(client_name(client)),
        }
    }

    fn forget_door(&self, door: &DeviceId) {
        self.keeper.renew(door_owner(door));
    }
}

fn door_owner(device: &DeviceId) -> String {
    format!("{DOOR}{device}")
}

fn resident_owner(resident: &ResidentId) -> String {
    format!("{RESIDENT}{resident}")
}

fn client_name(client: &Client) -> String {
    format!("client:{}", client.id)
}

fn text(digest: &SecretDigest) -> String {
    URL_SAFE_NO_PAD.encode(digest.0)
}
