//! A screen's way in: device number and secret for a token, over HTTP.
//!
//! Source: S3 §3.1 says that the token comes from signing in; how is the product's own interface,
//! in the envelope of S0.

use serde::{Deserialize, Serialize};

use crate::error::SimError;
use crate::http::Http;

const LOGIN: &str = "/api/smartbox/login";

/// A screen's identity. Without `Debug`, for it holds a secret.
#[derive(Clone)]
pub struct ScreenLogin {
    /// The device number.
    pub device_id: String,
    /// What the server gave when the screen was added.
    pub secret: String,
}

#[derive(Serialize)]
struct Request<'a> {
    device_id: &'a str,
    secret: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    system: &'static str,
}

#[derive(Deserialize)]
struct Granted {
    token: String,
}

/// Asks for the token that `join_family` carries. `http` is the server's origin.
///
/// A wrong number or secret is [`SimError::Refused`].
pub async fn screen_token(http: &str, login: &ScreenLogin) -> Result<String, SimError> {
    let request = Request {
        device_id: &login.device_id,
        secret: &login.secret,
        kind: "screen",
        system: "android",
    };
    let reply = Http::new(http)?.post(LOGIN, &request).await?;
    let Granted { token } = reply.into_typed()?;
    Ok(token)
}
