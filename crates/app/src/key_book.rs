//! The public keys of registered clients, at hand whenever something is said to one of them.
//!
//! Holds what the store holds: all keys from the start on, a resident's anew after each change.
//! Bounded as the store is, by the number of clients that a resident may register.
//! Source: S1 §5.2.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::id::{EndpointId, ResidentId};

use crate::directory::{ClientKey, PublicKey};
use crate::failure::Failure;
use crate::port::{DirectoryStore, Sealer};
use crate::principal::client_endpoint;

/// Encrypts what an endpoint must keep secret, if it is a registered client that gave a key.
pub struct KeyBook {
    sealer: Arc<dyn Sealer>,
    pages: Mutex<Pages>,
    /// Held from reading the store to noting what was read, so that the newest is noted last.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Pages {
    key_by_endpoint: HashMap<EndpointId, PublicKey>,
    endpoints_by_resident: HashMap<ResidentId, Vec<EndpointId>>,
}

impl KeyBook {
    /// A book of these keys, which are all there are.
    pub fn new(sealer: Arc<dyn Sealer>, keys: Vec<ClientKey>) -> Self {
        let mut pages = Pages::default();
        keys.into_iter().for_each(|key| pages.add(key));
        Self {
            sealer,
            pages: Mutex::new(pages),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// The key that a client gives, a JWK in JSON text; [`Failure::Invalid`] if it is none of P-256.
    pub(crate) fn read_key(&self, jwk: &str) -> Result<PublicKey, Failure> {
        self.sealer.read_key(jwk).ok_or(Failure::Invalid {
            field: "public_key",
            problem: "must be a public key of P-256 as a JWK",
        })
    }

    /// Reads a resident's keys anew; what is sealed from then on is sealed to them.
    pub(crate) async fn refresh(
        &self,
        store: &dyn DirectoryStore,
        resident: &ResidentId,
    ) -> Result<(), Failure> {
        let _turn = self.turn.lock().await;
        let keys = store.client_keys(Some(resident.clone())).await?;
        self.pages().replace(resident, keys);
        Ok(())
    }

    /// The secret as the endpoint is told it: encrypted to its key, or as it is if it gave none. An
    /// empty one stays empty. What cannot be encrypted is left out, and never told in clear.
    pub fn seal(&self, endpoint: &EndpointId, secret: String) -> String {
        let key = self.pages().key_by_endpoint.get(endpoint).cloned();
        let Some(key) = key.filter(|_| !secret.is_empty()) else {
            return secret;
        };
        self.sealer.seal(&key, &secret).unwrap_or_else(|| {
            tracing::error!(%endpoint, "credentials could not be encrypted and are left out");
            String::new()
        })
    }

    /// The secret as all phones of the resident are told it at once: as it is, and left out if any of
    /// them gave a key, because what is encrypted to one is of no use to the others.
    pub fn seal_for_all(&self, resident: &ResidentId, secret: String) -> String {
        if self.pages().endpoints_by_resident.contains_key(resident) {
            return String::new();
        }
        secret
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    fn add(
        &mut self,
        ClientKey {
            resident,
            client,
            key,
        }: ClientKey,
    ) {
        let endpoint = client_endpoint(&client);
        self.key_by_endpoint.insert(endpoint.clone(), key);
        let endpoints = self.endpoints_by_resident.entry(resident);
        endpoints.or_default().push(endpoint);
    }

    fn replace(&mut self, resident: &ResidentId, keys: Vec<ClientKey>) {
        let old = self.endpoints_by_resident.remove(resident);
        for endpoint in old.into_iter().flatten() {
            self.key_by_endpoint.remove(&endpoint);
        }
        keys.into_iter().for_each(|key| self.add(key));
    }
}

#[cfg(test)]
mod tests {
    use crate::principal::Client;

    use super::*;

    /// Writes the key before the text; fails with the key `broken`.
    struct Shown;

    impl Sealer for Shown {
        fn read_key(&self, jwk: &str) -> Option<PublicKey> {
            Some(PublicKey(jwk.to_owned()))
        }

        fn seal(&self, PublicKey(key): &PublicKey, text: &str) -> Option<String> {
            (key != "broken").then(|| format!("{key}: {text}"))
        }
    }

    fn key(resident: &str, client: &str, key: &str) -> ClientKey {
        ClientKey {
            resident: resident.into(),
            client: named(client),
            key: PublicKey(key.into()),
        }
    }

    fn named(client: &str) -> Client {
        Client {
            id: format!("id-{client}"),
            name: client.into(),
        }
    }

    fn told(book: &KeyBook, client: &str, secret: &str) -> String {
        book.seal(&client_endpoint(&named(client)), secret.into())
    }

    #[test]
    fn a_secret_is_sealed_for_those_who_gave_a_key() {
        let book = KeyBook::new(Arc::new(Shown), vec![key("mum", "tablet", "k")]);

        assert_eq!(told(&book, "tablet", "secret"), "k: secret");
        assert_eq!(told(&book, "phone", "secret"), "secret");
        assert_eq!(told(&book, "tablet", ""), "");
    }

    #[test]
    fn what_cannot_be_sealed_is_not_told_in_clear() {
        let book = KeyBook::new(Arc::new(Shown), vec![key("mum", "tablet", "broken")]);

        assert_eq!(told(&book, "tablet", "secret"), "");
    }

    #[test]
    fn phones_that_are_told_all_at_once_are_told_no_secret_if_one_gave_a_key() {
        let book = KeyBook::new(Arc::new(Shown), vec![key("mum", "tablet", "k")]);

        assert_eq!(book.seal_for_all(&"mum".into(), "secret".into()), "");
        assert_eq!(book.seal_for_all(&"dad".into(), "secret".into()), "secret");
        book.pages().replace(&"mum".into(), Vec::new());
        assert_eq!(book.seal_for_all(&"mum".into(), "secret".into()), "secret");
    }

    #[test]
    fn the_keys_of_one_resident_are_replaced() {
        let all = vec![
            key("mum", "tablet", "old"),
            key("mum", "phone", "gone"),
            key("dad", "watch", "k"),
        ];
        let book = KeyBook::new(Arc::new(Shown), all);

        let keys = vec![key("mum", "tablet", "new")];
        book.pages().replace(&"mum".into(), keys);

        assert_eq!(told(&book, "tablet", "secret"), "new: secret");
        assert_eq!(told(&book, "phone", "secret"), "secret");
        assert_eq!(told(&book, "watch", "secret"), "k: secret");
    }
}
