//! Argon2id, off the async threads and a few at a time: each needs 19 MiB and 20 ms of a core.

use std::sync::Arc;

use app::port::{BoxFuture, Passwords};
use app::secret::{PasswordHash, Secret};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// Hashes at once; more wait in line.
const AT_ONCE: usize = 2;

/// The password hasher.
pub(crate) struct Argon {
    free: Arc<Semaphore>,
    /// Verified against where there is no account, so that it takes as long.
    nobody: PasswordHash,
}

impl Argon {
    pub(crate) fn new() -> Self {
        Self {
            free: Arc::new(Semaphore::new(AT_ONCE)),
            nobody: hash("nobody"),
        }
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        // The hash goes on when whoever asked has gone, and so does its place.
        let permit = Arc::clone(&self.free).acquire_owned().await.ok()?;
        let holding = move || {
            let done = work();
            drop(permit);
            done
        };
        tokio::task::spawn_blocking(holding).await.ok()
    }
}

fn hash(password: &str) -> PasswordHash {
    let phc: Phc = Argon2::default()
        .hash_password(password.as_bytes())
        .expect("default parameters and any password are in bounds");
    PasswordHash(phc.to_string())
}

fn is_right(password: &str, hash: &PasswordHash) -> bool {
    let Ok(phc) = Phc::new(&hash.0) else {
        return false;
    };
    Argon2::default()
        .verify_password(password.as_bytes(), &phc)
        .is_ok()
}

impl Passwords for Argon {
    fn hash(&self, password: Secret) -> BoxFuture<'_, PasswordHash> {
        Box::pin(async move {
            let hashed = self.run(move || hash(password.expose())).await;
            hashed.expect("hashing neither panics nor is cancelled")
        })
    }

    fn verify(&self, password: Secret, hash: Option<PasswordHash>) -> BoxFuture<'_, bool> {
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        Box::pin(async move {
            let right = self.run(move || is_right(password.expose(), &hash)).await;
            is_known && right == Some(true)
        })
    }
}
