//! Sending: JSON out, status and body in, within fixed times and sizes.
//!
//! Each request has a connection of its own, so a server that restarts between two requests is
//! just met again.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, Url};
use serde::Serialize;

use super::reply::{Answer, Reply};
use crate::error::SimError;

const CONNECT_WAIT: Duration = Duration::from_secs(5);
const REQUEST_WAIT: Duration = Duration::from_secs(10);
/// Far above any answer of the contract, and small enough to hold in memory a thousand times.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Requests of one party to one server.
pub(crate) struct Http {
    client: Client,
    origin: String,
    token: Option<String>,
    device_id: Option<String>,
}

impl Http {
    /// Requests without an identity, until one is added.
    pub(crate) fn new(origin: &str) -> Result<Http, SimError> {
        let client = Client::builder()
            .connect_timeout(CONNECT_WAIT)
            .timeout(REQUEST_WAIT)
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // Plain HTTP only: reading the machine's certificates would cost 20 ms per party.
            .tls_certs_only([])
            .build()
            .map_err(|source| SimError::Unreachable {
                path: origin.to_owned(),
                source,
            })?;
        Ok(Http {
            client,
            origin: origin.to_owned(),
            token: None,
            device_id: None,
        })
    }

    /// Adds `Authorization: Bearer …`.
    pub(crate) fn with_token(mut self, token: &str) -> Http {
        self.token = Some(token.to_owned());
        self
    }

    /// Adds `X-Device-Id`.
    pub(crate) fn with_device_id(mut self, device_id: &str) -> Http {
        self.device_id = Some(device_id.to_owned());
        self
    }

    /// Posts JSON and reads the envelope.
    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Reply, SimError> {
        self.post_raw(path, body).await?.into_reply()
    }

    /// Posts JSON to a path whose answers have no envelope.
    pub(crate) async fn post_raw(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer, SimError> {
        let url = format!("{}{path}", self.origin);
        self.send(path, self.client.post(url).json(body)).await
    }

    /// Gets a path with query parameters and reads the envelope.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Reply, SimError> {
        let url =
            Url::parse_with_params(&format!("{}{path}", self.origin), query).map_err(|error| {
                SimError::BadAnswer {
                    path: path.to_owned(),
                    http_status: 0,
                    why: error.to_string(),
                }
            })?;
        self.send(path, self.client.get(url)).await?.into_reply()
    }

    async fn send(&self, path: &str, mut request: RequestBuilder) -> Result<Answer, SimError> {
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(device_id) = &self.device_id {
            request = request.header("X-Device-Id", device_id);
        }
        let path = path.to_owned();
        match request.send().await {
            Ok(response) => read(path, response).await,
            Err(source) => Err(SimError::Unreachable { path, source }),
        }
    }
}

async fn read(path: String, mut response: Response) -> Result<Answer, SimError> {
    let http_status = response.status().as_u16();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => {
                return Ok(Answer {
                    path,
                    http_status,
                    body,
                });
            }
            Err(source) => return Err(SimError::Unreachable { path, source }),
        }
        if body.len() > BODY_BYTES_MAX {
            let why = format!("longer than {BODY_BYTES_MAX} bytes");
            return Err(SimError::BadAnswer {
                path,
                http_status,
                why,
            });
        }
    }
}
