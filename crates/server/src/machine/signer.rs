//! Media credentials from the settings, or none.

use std::sync::Arc;
use std::time::Duration;

use app::port::{RtcCredential, RtcEntry, RtcSigner};
use engine::time::Instant;
use vendors::trtc::{Trtc, TrtcKey, TrtcSigner};

use crate::config;

/// The signer that the settings ask for. Without a key it says so, once, and calls carry no media
/// credentials.
pub(crate) fn signer(trtc: &config::Trtc) -> anyhow::Result<Arc<dyn RtcSigner>> {
    match trtc.key()? {
        Some(key) => {
            let application = Trtc::new(trtc.sdk_app_id, TrtcKey::new(key)?);
            Ok(Arc::new(TrtcSigner::new(application, trtc.private_map_key)))
        }
        None => {
            tracing::warn!("no [trtc] keys: calls ring and are answered, but carry no media");
            Ok(Arc::new(NoMedia))
        }
    }
}

struct NoMedia;

impl RtcSigner for NoMedia {
    fn sign(&self, _: RtcEntry<'_>, _: Instant, _: Duration) -> RtcCredential {
        RtcCredential {
            sdk_app_id: 0,
            user_sig: String::new(),
            room_key: None,
        }
    }
}
