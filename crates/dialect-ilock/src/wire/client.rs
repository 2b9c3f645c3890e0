//! Registering clients, and what they say of themselves. Source: S1 §4.3; RFC 7517 for
//! `public_key`, an extension.
//!
//! ```json
//! {"user_id": "…", "client_id": "…", "public_key": {"kty": "EC", "crv": "P-256", "x": "…", "y": "…"}}
//! ```

use app::clients::NewClient;
use app::directory::ClientStatus;
use serde::Serialize;

use crate::wire::fields::{Fields, ID_MAX};
use crate::words::{Kind, Said};

/// Push tokens of the known services have up to some 200 bytes.
const PUSH_TOKEN_MAX: usize = 1024;

/// A key has some 150 bytes, and twice that with what libraries write beside it.
const PUBLIC_KEY_MAX: usize = 1024;

const WORD_MAX: usize = 64;

const STATUSES: &[&str] = &["active", "background"];

/// `POST /api/mqtt/clients/register`. Without Debug: the push token is personal.
pub(crate) struct RegisterRequest {
    pub(crate) user_id: String,
    pub(crate) client: NewClient,
}

impl RegisterRequest {
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        let mut fields = Fields::decode(body)?;
        let mut word = |name, max| -> Result<String, Said> {
            Ok(fields.optional_text(name, max)?.unwrap_or_default())
        };
        let platform = word("platform", WORD_MAX)?;
        let device_type = word("device_type", WORD_MAX)?;
        let app_version = word("app_version", WORD_MAX)?;
        let push_token = word("push_token", PUSH_TOKEN_MAX)?;
        let user_id = fields.text("user_id", ID_MAX)?;
        let name = fields.text("client_id", ID_MAX)?;
        if !name.chars().all(is_printable) {
            return Err(Said::WrongType {
                field: "client_id",
                expected: Kind::Printable,
            });
        }
        let public_key = fields.optional_object("public_key", Kind::PublicKey, PUBLIC_KEY_MAX)?;
        let client = NewClient {
            name,
            platform,
            device_type,
            app_version,
            push_token,
            public_key,
        };
        Ok(Self { user_id, client })
    }
}

/// MQTT brokers refuse the others in texts. Source: MQTT 5 §1.5.4.
fn is_printable(letter: char) -> bool {
    let is_no_character = matches!(letter, '\u{FDD0}'..='\u{FDEF}')
        || matches!(u32::from(letter) & 0xFFFF, 0xFFFE | 0xFFFF);
    !letter.is_control() && !is_no_character
}

#[derive(Serialize)]
pub(crate) struct RegisterReply {
    pub(crate) mqtt_credentials: MqttCredentials,
    pub(crate) topics: ClientTopics,
}

#[derive(Serialize)]
pub(crate) struct MqttCredentials {
    pub(crate) broker_url: String,
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) client_id: String,
}

#[derive(Serialize)]
pub(crate) struct ClientTopics {
    pub(crate) incoming_calls: String,
    pub(crate) call_control: String,
    pub(crate) device_sync: String,
}

/// `GET /api/mqtt/device/credentials`
#[derive(Serialize)]
pub(crate) struct DeviceCredentials {
    pub(crate) mqtt_credentials: MqttCredentials,
    pub(crate) topics: DeviceTopics,
}

#[derive(Serialize)]
pub(crate) struct DeviceTopics {
    /// To be subscribed to.
    pub(crate) call_control: String,
    /// To be published on.
    pub(crate) call_action: String,
}

/// `PUT /api/mqtt/clients/status`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StatusRequest {
    pub(crate) client_id: String,
    pub(crate) status: ClientStatus,
}

impl StatusRequest {
    /// The priority is 10 for an app in the foreground and 5 otherwise, unless it says so itself.
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        let mut fields = Fields::decode(body)?;
        let client_id = fields.text("client_id", ID_MAX)?;
        let active = match fields.text("status", WORD_MAX)?.as_str() {
            "active" => true,
            "background" => false,
            _ => {
                return Err(Said::UnknownValue {
                    field: "status",
                    allowed: STATUSES,
                });
            }
        };
        let priority = fields.integer("priority", Kind::Priority, 0..=100)?;
        let default = if active { 10 } else { 5 };
        let priority = priority
            .and_then(|one| u8::try_from(one).ok())
            .unwrap_or(default);
        let last_active_ms = fields.milliseconds("last_active")?;
        Ok(Self {
            client_id,
            status: ClientStatus {
                active,
                priority,
                last_active_ms,
            },
        })
    }
}
