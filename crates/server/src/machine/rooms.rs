//! The media service's rooms from the settings, or none.

use std::sync::Arc;

use anyhow::{Context, bail};
use app::port::{Clock, RoomService};
use vendors::trtc::{CloudKey, HookKeys, RoomsSettings, TrtcRooms};

use crate::config;

/// Who keeps the rooms, and what opens its callbacks if it sends some.
pub(crate) struct Rooms {
    pub(crate) service: Arc<dyn RoomService>,
    pub(crate) hook: Option<HookKeys>,
}

/// The room service that the settings ask for. Where credentials are signed and the service has no
/// keys it says so, once, and rooms are left to the vendor: they vanish when the last one leaves.
pub(crate) fn rooms(trtc: &config::Trtc, clock: &Arc<dyn Clock>) -> anyhow::Result<Option<Rooms>> {
    let callbacks = trtc.callbacks()?;
    let Some(key) = trtc.cloud_key()? else {
        if callbacks.is_some() {
            bail!("trtc: callbacks need secret_id and cloud_secret_key, to remove users with");
        }
        if trtc.key()?.is_some() {
            tracing::warn!("no [trtc] secret_id: rooms are left to TRTC, losers stay in them");
        }
        return Ok(None);
    };
    if trtc.key()?.is_none() {
        bail!("trtc: secret_id needs sdk_app_id and secret_key, without which there are no rooms");
    }
    let settings = RoomsSettings {
        endpoint: trtc.endpoint.clone(),
        region: trtc.region.clone(),
        sdk_app_id: trtc.sdk_app_id,
        key: CloudKey::new(key.id, &key.secret).context("trtc.secret_id, trtc.cloud_secret_key")?,
    };
    let service = TrtcRooms::new(settings, Arc::clone(clock)).context("trtc.endpoint")?;
    let opened = |secrets: config::CallbackSecrets| {
        HookKeys::new(trtc.sdk_app_id, &secrets.path, &secrets.key)
    };
    Ok(Some(Rooms {
        service: Arc::new(service),
        hook: callbacks.map(opened),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::SystemClock;

    const SIGNING: &str = "sdk_app_id = 1\nsecret_key = \"k\"\n";
    const CLOUD: &str = "secret_id = \"i\"\ncloud_secret_key = \"s\"\n";
    const HOOK: &str = "callback_path_secret = \"0123456789abcdef\"\ncallback_key = \"c\"\n";

    fn opened(parts: &[&str]) -> anyhow::Result<Option<Rooms>> {
        let settings: config::Trtc = toml::from_str(&parts.concat()).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        rooms(&settings, &clock)
    }

    #[test]
    fn rooms_are_kept_where_there_is_a_cloud_key() {
        assert!(opened(&[]).unwrap().is_none());
        assert!(opened(&[SIGNING]).unwrap().is_none());
        assert!(opened(&[SIGNING, CLOUD]).unwrap().unwrap().hook.is_none());
        let whole = opened(&[SIGNING, CLOUD, HOOK]).unwrap();
        assert!(whole.unwrap().hook.is_some());
    }

    #[test]
    fn halves_are_refused_with_what_is_missing() {
        let halves = [
            (vec![SIGNING, "secret_id = \"i\""], "cloud_secret_key"),
            (vec![SIGNING, HOOK], "secret_id"),
            (vec![CLOUD], "sdk_app_id"),
            (
                vec![SIGNING, CLOUD, "callback_key = \"c\""],
                "callback_path_secret",
            ),
            (
                vec![
                    SIGNING,
                    CLOUD,
                    "callback_path_secret = \"short\"\ncallback_key = \"c\"",
                ],
                "16 to 128",
            ),
            (
                vec![SIGNING, CLOUD, "endpoint = \"https://a/b\""],
                "endpoint",
            ),
        ];
        for (parts, missing) in halves {
            let refused = opened(&parts).err().map(|error| format!("{error:#}"));
            let refused = refused.unwrap_or_default();
            assert!(refused.contains(missing), "{parts:?}: {refused}");
        }
    }
}
