//! What comes back: a status and a body, usually the S0 envelope around some data.
//!
//! Refusals are values here. Sends nothing.
//! Source: S0 §4 (envelope) and §6 (errors).

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::SimError;

/// The answer to a request, a refusal such as 409 included. Without `Debug`: `data` may hold
/// credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The path that was asked.
    pub path: String,
    /// The HTTP status.
    pub http_status: u16,
    /// The envelope's `code`; 200 is success in S0, 0 in S1.
    pub code: i64,
    /// The envelope's `message`.
    pub message: String,
    /// The envelope's `data`; null where there is none.
    pub data: Value,
}

impl Reply {
    /// Whether both HTTP and the envelope say success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.http_status) && matches!(self.code, 0 | 200)
    }

    /// The data of a success; a refusal becomes [`SimError::Refused`].
    pub(crate) fn into_typed<T: DeserializeOwned>(self) -> Result<T, SimError> {
        let accepted = self.is_success();
        let Reply {
            path,
            http_status,
            code,
            message,
            data,
        } = self;
        if !accepted {
            return Err(SimError::Refused {
                path,
                http_status,
                code,
                message,
            });
        }
        serde_json::from_value(data).map_err(|error| SimError::BadAnswer {
            path,
            http_status,
            why: error.to_string(),
        })
    }
}

/// The envelope of every S0 answer.
#[derive(Deserialize)]
struct Envelope {
    code: i64,
    message: String,
    #[serde(default)]
    data: Value,
}

/// An answer before anything is known about its body.
pub(crate) struct Answer {
    pub(crate) path: String,
    pub(crate) http_status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads the envelope.
    pub(super) fn into_reply(self) -> Result<Reply, SimError> {
        let Envelope {
            code,
            message,
            data,
        } = self.parse()?;
        let Answer {
            path, http_status, ..
        } = self;
        Ok(Reply {
            path,
            http_status,
            code,
            message,
            data,
        })
    }

    /// Reads the body as JSON of one shape.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, SimError> {
        serde_json::from_slice(&self.body).map_err(|error| SimError::BadAnswer {
            path: self.path.clone(),
            http_status: self.http_status,
            why: error.to_string(),
        })
    }
}
