//! Media credentials from the settings, or none.

use std::sync::Arc;
use std::time::Duration;

use app::port::{RtcCredential, RtcSigner};
use engine::time::Instant;
use vendors::trtc::{Trtc, TrtcKey};

use crate::config;

/// The signer that the settings ask for. Without a key it says so, once, and calls carry no media
/// credentials.
pub(crate) fn signer(trtc: &config::Trtc) -> anyhow::Result<Arc<dyn RtcSigner>> {
    match trtc.key()? {
        Some(key) => Ok(Arc::new(Trtc::new(trtc.sdk_app_id, TrtcKey::new(key)?))),
        None => {
            tracing::warn!("no [trtc] keys: calls ring and are answered, but carry no media");
            Ok(Arc::new(NoMedia))
        }
    }
}

struct NoMedia;

impl RtcSigner for NoMedia {
    fn sign(&self, _: &str, _: Instant, _: Duration) -> RtcCredential {
        RtcCredential {
            sdk_app_id: 0,
            user_sig: String::new(),
        }
    }
}
