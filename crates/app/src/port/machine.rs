//! The machine's side: time, randomness, slow hashes.

use engine::id::{CallId, DeviceId, ResidentId};
use engine::time::Instant;

use crate::port::BoxFuture;
use crate::principal::Client;
use crate::secret::{PasswordHash, Secret, SecretDigest};

/// The only clock of the use cases.
pub trait Clock: Send + Sync {
    /// Now, by the server's wall clock; never goes back within one process.
    fn now(&self) -> Instant;
}

/// The only source of ids and secrets.
pub trait Random: Send + Sync {
    /// A call id that sorts by time.
    fn call_id(&self, now: Instant) -> CallId;

    /// An id for a row: 16 characters of `0-9a-z`, sorting by time.
    fn row_id(&self, now: Instant) -> String;

    /// A number for a media room, 1–2147483647.
    fn room_number(&self) -> u32;

    /// A secret of 256 random bits, safe in a header, a URL and an argument: `km_…`.
    fn secret(&self) -> Secret;

    /// The keyed digest under which a machine-made secret is stored and found again.
    fn digest(&self, secret: &Secret) -> SecretDigest;
}

/// Hashes people's passwords: slow on purpose, so off the callers' threads and few at a time.
pub trait Passwords: Send + Sync {
    /// Hashes with a fresh salt.
    fn hash(&self, password: Secret) -> BoxFuture<'_, PasswordHash>;

    /// Whether the password is the hashed one. Without a hash it takes the same time and says no,
    /// so that unknown names cannot be told from wrong passwords.
    fn verify(&self, password: Secret, hash: Option<PasswordHash>) -> BoxFuture<'_, bool>;
}

/// What a registration's pass says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientPass {
    /// Whose client.
    pub resident: ResidentId,
    /// Which client.
    pub client: Client,
    /// When the pass stops being valid.
    pub expires: Instant,
}

/// What the token of a screen's sign-in says. Source: S3 §3.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenPass {
    /// Which device.
    pub device: DeviceId,
    /// The type it named, such as `screen`.
    pub kind: String,
    /// The class of system it named, such as `android`.
    pub system: String,
    /// A mark of the secret that it showed: with another secret the token is worth nothing.
    pub mark: String,
    /// When the token stops being valid.
    pub expires: Instant,
}

/// Signs and checks the tokens of screens. Source: S3 §3.1.
pub trait ScreenPasses: Send + Sync {
    /// Signs a token.
    fn sign_screen(&self, pass: &ScreenPass) -> Secret;

    /// What a token says, if it is ours and valid at `now`.
    fn verify_screen(&self, token: &Secret, now: Instant) -> Option<ScreenPass>;
}

/// Signs and checks the passes (JWT) of registered clients. Source: S1 §1.1, §5.1.
pub trait Passes: Send + Sync {
    /// Signs a pass.
    fn sign(&self, pass: &ClientPass) -> Secret;

    /// What a pass says, if it is ours and valid at `now`.
    fn verify(&self, pass: &Secret, now: Instant) -> Option<ClientPass>;
}
