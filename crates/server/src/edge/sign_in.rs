//! Signing in to MQTT with a name and a password: a device id with its secret, or a resident id with a
//! login token or pass.

use app::login::Logins;
use app::principal::Principal;
use app::secret::Secret;

use crate::edge::denial::Denial;

pub(super) async fn by_password(
    logins: &Logins,
    user: &str,
    shown: &Secret,
    client_id: &str,
) -> Result<Principal, Denial> {
    if let Some(door) = logins.by_device(user, shown).await.map_err(busy)? {
        return Ok(Principal::Door(door));
    }
    let resident = logins.by_mqtt(user, shown, client_id).await;
    Ok(Principal::Resident(resident.map_err(busy)??))
}

pub(super) fn busy(failure: app::Failure) -> Denial {
    tracing::warn!(%failure, "an MQTT client could not be checked");
    Denial::Busy
}
