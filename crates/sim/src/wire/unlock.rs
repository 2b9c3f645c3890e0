//! Opening doors, from our server's pages on it; S0 and S1 know none.

use serde::Serialize;

/// `POST /api/mqtt/calls/unlock`
#[derive(Serialize)]
pub(crate) struct Unlock<'a> {
    pub(crate) unlock_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) call_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) device_id: Option<&'a str>,
}

/// `POST /api/mqtt/device/unlock-result`
#[derive(Serialize)]
pub(crate) struct UnlockResult<'a> {
    pub(crate) unlock_id: &'a str,
    pub(crate) result: &'static str,
}
