//! Ids and secrets from the system's random source, and the key that digests secrets.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use app::directory::HookId;
use app::port::{HookKeys, Random};
use app::secret::{Secret, SecretDigest};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::id::CallId;
use engine::time::Instant;
use storage::AuditKey;

use crate::machine::private_file::write_private;

/// Crockford's base 32, in lower case: no letters that look like digits.
const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Random bytes, and the digest key kept beside the database.
pub(crate) struct SystemRandom {
    key: hmac::Key,
}

impl SystemRandom {
    /// Reads `server.key` in the data folder, making it at the first start. A stolen database
    /// without this file lets nobody test guesses of secrets.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("server.key");
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if folder.join("core.db").exists() {
                    bail!(
                        "{} is missing: without it no device or person can sign in; \
                         put it back from where the data folder was copied",
                        path.display()
                    );
                }
                make_key(folder, &path)?
            }
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        if bytes.len() != 32 {
            return Err(anyhow!("{}: must be 32 bytes", path.display()));
        }
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &bytes),
        })
    }
}

fn make_key(folder: &Path, path: &Path) -> anyhow::Result<Vec<u8>> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let key = bytes::<32>();
    write_private(path, &key)?;
    Ok(key.to_vec())
}

/// A broken random source must not be survived: every secret would be guessable.
fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's random source works");
    bytes
}

/// The key that signs the passes of registered clients, derived so that it is no use elsewhere.
pub(super) fn pass_key(random: &SystemRandom) -> [u8; 32] {
    let tag = hmac::sign(&random.key, b"passes of registered clients");
    let mut key = [0; 32];
    key.copy_from_slice(tag.as_ref());
    key
}

/// Derived, so that nothing secret is kept and a removed address's key is no use to another.
impl HookKeys for SystemRandom {
    fn hook_key(&self, id: &HookId) -> Secret {
        let tag = hmac::sign(&self.key, format!("webhook {}", id.0).as_bytes());
        Secret::new(format!("kmwh_{}", URL_SAFE_NO_PAD.encode(tag.as_ref())))
    }
}

/// The key of the audit, derived so that it is no use elsewhere.
pub(crate) fn audit_key(random: &SystemRandom) -> AuditKey {
    let tag = hmac::sign(&random.key, b"audit of doors");
    let mut key = [0; 32];
    key.copy_from_slice(tag.as_ref());
    AuditKey::new(&key)
}

impl Random for SystemRandom {
    fn call_id(&self, now: Instant) -> CallId {
        let id =
            uuid::Builder::from_unix_timestamp_millis(now.ms().max(0).unsigned_abs(), &bytes());
        CallId::from(id.into_uuid().to_string())
    }

    fn row_id(&self, now: Instant) -> String {
        let time = u128::from(now.ms().max(0).unsigned_abs()) & ((1 << 48) - 1);
        let bits = (time << 32) | u128::from(u32::from_be_bytes(bytes()));
        let digit = |place: u32| {
            let [.., low] = (bits >> (5 * place)).to_be_bytes();
            char::from(BASE32[usize::from(low & 31)])
        };
        (0..16).rev().map(digit).collect()
    }

    fn room_number(&self) -> u32 {
        (u32::from_be_bytes(bytes()) >> 1).max(1)
    }

    fn secret(&self) -> Secret {
        Secret::new(format!("km_{}", URL_SAFE_NO_PAD.encode(bytes::<32>())))
    }

    fn digest(&self, secret: &Secret) -> SecretDigest {
        let tag = hmac::sign(&self.key, secret.expose().as_bytes());
        let mut digest = [0; 32];
        digest.copy_from_slice(tag.as_ref());
        SecretDigest(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_ids_sort_by_time() {
        let folder = tempfile::tempdir().unwrap();
        let random = SystemRandom::open(folder.path()).unwrap();

        let earlier = random.row_id(Instant::from_ms(1_700_000_000_000));
        let later = random.row_id(Instant::from_ms(1_700_000_000_001));

        assert!(earlier < later, "{earlier} {later}");
        assert_eq!(earlier.len(), 16);
    }

    #[test]
    fn each_address_has_a_key_of_its_own_that_stays() {
        let folder = tempfile::tempdir().unwrap();
        let key = |id: &str| {
            let random = SystemRandom::open(folder.path()).unwrap();
            random.hook_key(&HookId(id.into()))
        };

        assert!(key("one") == key("one"));
        assert!(key("one") != key("two"));
    }

    #[test]
    fn a_key_that_a_killed_start_left_unfinished_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("server.key.new"), b"half").unwrap();

        let random = SystemRandom::open(folder.path());

        assert!(random.is_ok());
        assert!(!folder.path().join("server.key.new").exists());
        assert_eq!(
            fs::read(folder.path().join("server.key")).unwrap().len(),
            32
        );
    }

    #[test]
    fn a_digest_is_found_again_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let secret = Secret::new("s".into());
        let before = SystemRandom::open(folder.path()).unwrap().digest(&secret);

        let after = SystemRandom::open(folder.path()).unwrap().digest(&secret);

        assert!(before == after);
    }
}
