//! Signing in, and knowing again who signed in.
//!
//! A login token is 256 random bits; only its keyed digest is kept. A registered client's pass is
//! signed and names its client. Devices show their secret with every request, so what was looked up
//! is cached by digest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engine::id::{DeviceId, Hand, OperatorId, ResidentId};
use engine::time::Instant;

use crate::failure::Failure;
use crate::limit::Limit;
use crate::port::{
    AccountKind, ClientPass, Clock, DirectoryStore, Passes, Passwords, Random, StaffStore,
    StoredToken,
};
use crate::principal::{Client, DoorPrincipal, Principal, ResidentPrincipal};
use crate::secret::{Secret, SecretDigest};

/// How long a login lasts. Long, because a phone that must be typed into again does not ring.
pub const TOKEN_LIFE: Duration = Duration::from_secs(90 * 24 * 3600);

/// How long a cached principal is believed without asking the store; bounds how long a revoked
/// token still works on another node.
const CACHE_LIFE: Duration = Duration::from_secs(60);

/// Cached principals; at the limit the cache is emptied.
const CACHE_MAX: usize = 50_000;

/// No login name is longer; a longer one is not even counted.
const NAME_MAX: usize = 64;

/// A fresh login.
pub struct Login {
    /// Shown this once.
    pub token: Secret,
    /// Who signed in.
    pub kind: AccountKind,
    /// When the token stops being valid.
    pub expires: Instant,
}

/// Why an MQTT sign-in by a user name and a password is not a resident's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInFault {
    /// The password is no token and no pass that is known and still valid.
    UnknownSecret,
    /// It is, but not of whom the user name says.
    OtherUser,
    /// It is a pass for another client id.
    OtherClient,
    /// The login ended at this moment.
    LoginOver,
}

/// What the logins need.
pub struct LoginsPorts {
    /// Keeps accounts, tokens, devices and clients.
    pub store: Arc<dyn DirectoryStore>,
    /// Ends logins.
    pub staff: Arc<dyn StaffStore>,
    /// Checks passwords.
    pub passwords: Arc<dyn Passwords>,
    /// Makes tokens and digests them.
    pub random: Arc<dyn Random>,
    /// Checks the passes of registered clients.
    pub passes: Arc<dyn Passes>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Sign-ins by name.
    pub limit: Limit,
}

/// Decides who somebody is.
pub struct Logins {
    ports: LoginsPorts,
    known: Mutex<Memory>,
}

/// What was shown: a device id with its secret's digest, or a token's digest.
type Shown = (Option<DeviceId>, SecretDigest);

#[derive(Default)]
struct Memory {
    by_shown: HashMap<Shown, Known>,
    /// Counts what was forgotten, so that a look-up that began before is not remembered after.
    forgotten: u64,
    /// Counts what was forgotten because it is no longer right.
    revoked: u64,
}

#[derive(Clone)]
struct Known {
    principal: Principal,
    until: Instant,
}

impl Logins {
    /// Wires the use cases to their ports.
    pub fn new(ports: LoginsPorts) -> Self {
        Self {
            ports,
            known: Mutex::default(),
        }
    }

    /// Signs a resident or operator in. None if name or password are wrong; which one is not told.
    pub async fn sign_in(&self, name: &str, password: Secret) -> Result<Option<Login>, Failure> {
        if name.len() > NAME_MAX {
            return Ok(None);
        }
        self.ports.limit.take(name)?;
        let LoginsPorts {
            store,
            passwords,
            random,
            clock,
            ..
        } = &self.ports;
        let account = store.find_account(name.to_owned()).await?;
        let hash = account.as_ref().map(|account| account.password.clone());
        let is_right = passwords.verify(password, hash.clone()).await;
        let (Some(account), Some(hash), true) = (account, hash, is_right) else {
            return Ok(None);
        };
        let now = clock.now();
        let token = random.secret();
        let expires = now + TOKEN_LIFE;
        let stored = StoredToken {
            login: Hand::from(random.row_id(now)),
            digest: random.digest(&token),
            kind: account.kind.clone(),
            expires,
        };
        // The password may have been changed while it was being checked.
        let kept = store.add_token(stored, hash).await?;
        Ok(kept.then_some(Login {
            token,
            kind: account.kind,
            expires,
        }))
    }

    /// Who a login token or a registered client's pass belongs to; none if it is unknown or over.
    pub async fn by_token(&self, token: &Secret) -> Result<Option<Principal>, Failure> {
        let now = self.ports.clock.now();
        let key = (None, self.ports.random.digest(token));
        if let Some(principal) = self.find_known(&key, now) {
            return Ok(Some(principal));
        }
        let asked = self.known().forgotten;
        let found = match self.ports.passes.verify(token, now) {
            Some(pass) => self.by_pass(pass).await?,
            None => self.ports.store.find_token(key.1, now).await?,
        };
        let Some((principal, expires)) = found else {
            return Ok(None);
        };
        self.remember(asked, key, &principal, expires.min(now + CACHE_LIFE));
        Ok(Some(principal))
    }

    /// A pass is only as good as the client it names: one that was pushed out is nobody.
    async fn by_pass(&self, pass: ClientPass) -> Result<Option<(Principal, Instant)>, Failure> {
        let ClientPass {
            resident,
            client,
            expires,
        } = pass;
        let found = self
            .ports
            .store
            .find_client(resident.clone(), client.name.clone())
            .await?;
        if found.as_ref() != Some(&client) {
            return Ok(None);
        }
        let login = Hand::from(client.name.as_str());
        let principal = ResidentPrincipal {
            resident,
            login,
            client: Some(client),
        };
        Ok(Some((Principal::Resident(principal), expires)))
    }

    /// The resident behind an MQTT sign-in: the user name is the resident's id, the password a
    /// login token, or a pass with the client id that it names. A login token under a registered
    /// client's id acts for that client from now on; under any other id the connection is one of
    /// the resident's phones.
    pub async fn by_mqtt(
        &self,
        user: &str,
        password: &Secret,
        client_id: &str,
    ) -> Result<Result<ResidentPrincipal, SignInFault>, Failure> {
        let found = match self.by_token(password).await? {
            Some(Principal::Resident(found)) => found,
            Some(Principal::Door(_) | Principal::Operator(_)) => {
                return Ok(Err(SignInFault::OtherUser));
            }
            None => return Ok(Err(SignInFault::UnknownSecret)),
        };
        if found.resident.as_str() != user {
            return Ok(Err(SignInFault::OtherUser));
        }
        let is_pass = self
            .ports
            .passes
            .verify(password, self.ports.clock.now())
            .is_some();
        if is_pass {
            let is_its = found.client.iter().any(|one| one.name == client_id);
            return Ok(if is_its {
                Ok(found)
            } else {
                Err(SignInFault::OtherClient)
            });
        }
        let store = &self.ports.store;
        let client = store
            .find_client(found.resident.clone(), client_id.to_owned())
            .await?;
        if let Some(client) = client.clone().filter(|_| client != found.client)
            && !self.bind(&found.login, client).await?
        {
            return Ok(Err(SignInFault::LoginOver));
        }
        Ok(Ok(ResidentPrincipal { client, ..found }))
    }

    /// Makes a login act for a client; false if the login is over.
    async fn bind(&self, login: &Hand, client: Client) -> Result<bool, Failure> {
        let is_bound = self.ports.store.bind_login(login.clone(), client).await?;
        self.forget_login(login);
        Ok(is_bound)
    }

    /// How often anybody's rights were taken away or changed since the start. Who was let in by
    /// what was known before must be asked again if this has moved in the meantime.
    pub fn revocations(&self) -> u64 {
        self.known().revoked
    }

    /// Ends the login of this token; false if there is none. Connections that showed it are closed
    /// by whoever calls.
    pub async fn sign_out(&self, token: &Secret) -> Result<bool, Failure> {
        let digest = self.ports.random.digest(token);
        let was_there = self.ports.staff.remove_token(digest).await?;
        self.revoke(|shown, _| shown == &(None, digest));
        Ok(was_there)
    }

    /// The login is looked up anew when it is next shown, because what it acts for has changed.
    pub fn forget_login(&self, login: &Hand) {
        self.forget(
            |_, principal| matches!(principal, Principal::Resident(one) if &one.login == login),
        );
    }

    /// Everything this resident shows is looked up anew.
    pub fn forget_resident(&self, resident: &ResidentId) {
        self.revoke(|_, principal| {
            matches!(principal, Principal::Resident(one) if &one.resident == resident)
        });
    }

    /// The device's secret is looked up anew.
    pub fn forget_door(&self, device: &DeviceId) {
        self.revoke(
            |_, principal| matches!(principal, Principal::Door(one) if &one.device == device),
        );
    }

    /// What this operator may is looked up anew.
    pub fn forget_operator(&self, operator: &OperatorId) {
        self.revoke(|_, principal| {
            matches!(principal, Principal::Operator(one) if &one.operator == operator)
        });
    }

    fn revoke(&self, is_meant: impl Fn(&Shown, &Principal) -> bool) {
        self.known().revoked += 1;
        self.forget(is_meant);
    }

    fn forget(&self, is_meant: impl Fn(&Shown, &Principal) -> bool) {
        let mut known = self.known();
        known.forgotten += 1;
        known
            .by_shown
            .retain(|shown, known| !is_meant(shown, &known.principal));
    }

    /// The door that shows this id and secret; none if either is wrong.
    pub async fn by_device(
        &self,
        device: &str,
        secret: &Secret,
    ) -> Result<Option<DoorPrincipal>, Failure> {
        let now = self.ports.clock.now();
        let key = (
            Some(DeviceId::from(device)),
            self.ports.random.digest(secret),
        );
        if let Some(Principal::Door(door)) = self.find_known(&key, now) {
            return Ok(Some(door));
        }
        let asked = self.known().forgotten;
        let Some((door, digest)) = self.ports.store.find_device(device.into()).await? else {
            return Ok(None);
        };
        if digest != key.1 {
            return Ok(None);
        }
        self.remember(asked, key, &Principal::Door(door.clone()), now + CACHE_LIFE);
        Ok(Some(door))
    }

    /// The door by this id, for which somebody else vouches: a verified certificate, or a broker that
    /// keeps a topic for it. None if there is none. Asks the store each time.
    pub async fn by_vouched(&self, device: &str) -> Result<Option<DoorPrincipal>, Failure> {
        let found = self.ports.store.find_device(device.into()).await?;
        Ok(found.map(|(door, _)| door))
    }

    fn find_known(&self, key: &Shown, now: Instant) -> Option<Principal> {
        let known = self.known();
        let found = known.by_shown.get(key);
        found
            .filter(|known| now < known.until)
            .map(|known| known.principal.clone())
    }

    /// Unless something was forgotten since `asked`, which may have been this.
    fn remember(&self, asked: u64, key: Shown, who: &Principal, until: Instant) {
        let mut known = self.known();
        if known.forgotten != asked {
            return;
        }
        if known.by_shown.len() >= CACHE_MAX {
            known.by_shown.clear();
        }
        let principal = who.clone();
        known.by_shown.insert(key, Known { principal, until });
    }

    fn known(&self) -> MutexGuard<'_, Memory> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
