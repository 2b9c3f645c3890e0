//! Signing in, and knowing again who signed in.
//!
//! A token is 256 random bits; only its keyed digest is kept. Devices show their secret with every
//! request, so both are cached by digest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::id::{DeviceId, Hand};
use engine::time::Instant;

use crate::failure::Failure;
use crate::port::{AccountKind, Clock, DirectoryStore, Passwords, Random, StoredToken};
use crate::principal::{DoorPrincipal, Principal};
use crate::secret::{Secret, SecretDigest};

/// How long a login lasts. Long, because a phone that must be typed into again does not ring.
pub const TOKEN_LIFE: Duration = Duration::from_secs(90 * 24 * 3600);

/// How long a cached principal is believed without asking the store; bounds how long a revoked
/// token still works on another node.
const CACHE_LIFE: Duration = Duration::from_secs(60);

/// Cached principals; at the limit the cache is emptied.
const CACHE_MAX: usize = 50_000;

/// A fresh login.
pub struct Login {
    /// Shown this once.
    pub token: Secret,
    /// Who signed in.
    pub kind: AccountKind,
    /// When the token stops being valid.
    pub expires: Instant,
}

/// Decides who somebody is.
pub struct Logins {
    store: Arc<dyn DirectoryStore>,
    passwords: Arc<dyn Passwords>,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<(Option<DeviceId>, SecretDigest), Known>>,
}

#[derive(Clone)]
struct Known {
    principal: Principal,
    until: Instant,
}

impl Logins {
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
            known: Mutex::default(),
        }
    }

    /// Signs a resident or operator in. None if name or password are wrong; which one is not told.
    pub async fn sign_in(&self, name: &str, password: Secret) -> Result<Option<Login>, Failure> {
        let account = self.store.find_account(name.to_owned()).await?;
        let hash = account.as_ref().map(|account| account.password.clone());
        let is_right = self.passwords.verify(password, hash).await;
        let Some(account) = account.filter(|_| is_right) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let token = self.random.secret();
        let expires = now + TOKEN_LIFE;
        let stored = StoredToken {
            login: Hand::from(self.random.row_id(now)),
            digest: self.random.digest(&token),
            kind: account.kind.clone(),
            expires,
        };
        self.store.add_token(stored).await?;
        Ok(Some(Login {
            token,
            kind: account.kind,
            expires,
        }))
    }

    /// Who a login token belongs to; none if it is unknown or over.
    pub async fn by_token(&self, token: &Secret) -> Result<Option<Principal>, Failure> {
        let now = self.clock.now();
        let key = (None, self.random.digest(token));
        if let Some(principal) = self.find_known(&key, now) {
            return Ok(Some(principal));
        }
        let Some((principal, expires)) = self.store.find_token(key.1, now).await? else {
            return Ok(None);
        };
        self.remember(key, &principal, expires.min(now + CACHE_LIFE));
        Ok(Some(principal))
    }

    /// The door that shows this id and secret; none if either is wrong.
    pub async fn by_device(
        &self,
        device: &str,
        secret: &Secret,
    ) -> Result<Option<DoorPrincipal>, Failure> {
        let now = self.clock.now();
        let key = (Some(DeviceId::from(device)), self.random.digest(secret));
        if let Some(Principal::Door(door)) = self.find_known(&key, now) {
            return Ok(Some(door));
        }
        let Some((door, digest)) = self.store.find_device(device.into()).await? else {
            return Ok(None);
        };
        if digest != key.1 {
            return Ok(None);
        }
        self.remember(key, &Principal::Door(door.clone()), now + CACHE_LIFE);
        Ok(Some(door))
    }

    fn find_known(
        &self,
        key: &(Option<DeviceId>, SecretDigest),
        now: Instant,
    ) -> Option<Principal> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(key)
            .filter(|known| now < known.until)
            .map(|known| known.principal.clone())
    }

    fn remember(&self, key: (Option<DeviceId>, SecretDigest), who: &Principal, until: Instant) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CACHE_MAX {
            known.clear();
        }
        known.insert(
            key,
            Known {
                principal: who.clone(),
                until,
            },
        );
    }
}
