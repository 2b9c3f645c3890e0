//! A phone registers as a client. Source: S1 §4.3.

use serde_json::json;

use super::error::LoadError;
use super::household::{Household, PHONES};

const REGISTER: &str = "/api/mqtt/clients/register";

impl Household {
    /// Registers one more client of the first resident; false if the server does not serve that.
    pub(super) async fn register(&mut self, number: usize) -> Result<bool, LoadError> {
        let user = &self.home.phones[0].resident_id;
        let client = format!("{user}_android_{number}");
        let body = json!({
            "user_id": user,
            "device_type": "mobile",
            "client_id": client,
            "push_token": "",
            "app_version": "1.0.0",
            "platform": "android",
        });
        let [phone, _] = PHONES;
        self.post(phone, REGISTER, &body.to_string()).await?;
        match self.answer(phone).await?.status {
            200 => Ok(true),
            404 => Ok(false),
            status => Err(LoadError::Refused {
                request: REGISTER,
                status,
            }),
        }
    }
}
