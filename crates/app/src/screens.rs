//! Screens sign in with their secret, get a token, and join their flat with it. Source: S3 §3.1.
//!
//! The token is signed and says what the document asks for: number, type, class of system. It ends
//! with its time, with the device, or when the device gets another secret.

use std::sync::Arc;
use std::time::Duration;

use engine::id::DeviceId;
use engine::time::Instant;

use crate::directory::{BoxedDevice, DeviceKind};
use crate::failure::Failure;
use crate::limit::Limit;
use crate::peer_book::PeerBook;
use crate::port::{Clock, DirectoryStore, Random, ScreenPass, ScreenPasses};
use crate::secret::{Secret, SecretDigest};

/// How long a token is valid: a screen on a wall that must be typed into again does not ring.
pub const SCREEN_TOKEN_LIFE: Duration = Duration::from_secs(90 * 24 * 3600);

/// Bytes of what a screen says of its type and system.
const WORD_MAX: usize = 64;

/// What the screens' use cases need.
pub struct ScreensPorts {
    /// Knows the secrets of devices.
    pub store: Arc<dyn DirectoryStore>,
    /// Digests secrets.
    pub random: Arc<dyn Random>,
    /// Signs tokens.
    pub passes: Arc<dyn ScreenPasses>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Knows the devices.
    pub peers: Arc<PeerBook>,
    /// Sign-ins by device.
    pub limit: Limit,
}

/// A screen that signs in.
pub struct ScreenSignIn {
    /// Which device.
    pub device: String,
    /// Its secret.
    pub secret: Secret,
    /// Its type; at most 64 bytes.
    pub kind: String,
    /// Its class of system; at most 64 bytes.
    pub system: String,
}

/// A fresh token.
pub struct ScreenToken {
    /// Shown this once.
    pub token: Secret,
    /// When it stops being valid.
    pub expires: Instant,
}

/// Screens' use cases.
pub struct Screens {
    ports: ScreensPorts,
}

impl Screens {
    /// Wires the use cases to their ports.
    pub fn new(ports: ScreensPorts) -> Self {
        Self { ports }
    }

    /// Signs a screen in; none if there is no such screen or the secret is not its own.
    pub async fn sign_in(&self, asked: ScreenSignIn) -> Result<Option<ScreenToken>, Failure> {
        for (field, text) in [("type", &asked.kind), ("system", &asked.system)] {
            if text.len() > WORD_MAX {
                let problem = "must be at most 64 bytes";
                return Err(Failure::Invalid { field, problem });
            }
        }
        if asked.device.len() > WORD_MAX {
            return Ok(None);
        }
        self.ports.limit.take(&asked.device)?;
        let device = DeviceId::from(asked.device);
        let shown = self.ports.random.digest(&asked.secret);
        let Some(digest) = self.find_secret(&device).await?.filter(|one| *one == shown) else {
            return Ok(None);
        };
        let expires = self.ports.clock.now() + SCREEN_TOKEN_LIFE;
        let pass = ScreenPass {
            device,
            kind: asked.kind,
            system: asked.system,
            mark: mark(&digest),
            expires,
        };
        let token = self.ports.passes.sign_screen(&pass);
        Ok(Some(ScreenToken { token, expires }))
    }

    /// The screen that a token was given to, if the token is still good.
    pub async fn by_token(&self, token: &Secret) -> Result<Option<Arc<BoxedDevice>>, Failure> {
        let now = self.ports.clock.now();
        let Some(pass) = self.ports.passes.verify_screen(token, now) else {
            return Ok(None);
        };
        match self.find_secret(&pass.device).await? {
            Some(digest) if mark(&digest) == pass.mark => {
                Ok(self.ports.peers.peers().find(&pass.device).cloned())
            }
            Some(_) | None => Ok(None),
        }
    }

    async fn find_secret(&self, device: &DeviceId) -> Result<Option<SecretDigest>, Failure> {
        let found = self.ports.store.find_known_device(device.clone()).await?;
        let screen = found.filter(|(device, _)| matches!(device.kind, DeviceKind::Screen { .. }));
        Ok(screen.map(|(_, digest)| digest))
    }
}

/// Enough of a digest to tell two secrets apart, and too little to be one.
fn mark(digest: &SecretDigest) -> String {
    use std::fmt::Write as _;

    digest.0[..8].iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}
