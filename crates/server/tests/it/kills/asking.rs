//! Requests that insist: a client without an answer asks again until it has one.

use std::time::Duration;

use serde_json::{Value, json};
use sim::{DoorLogin, PhoneLogin};

/// Tries before a client gives up: twenty seconds, far longer than a restart.
const TRIES: usize = 2000;
const PAUSE: Duration = Duration::from_millis(10);

/// Whoever sends requests, with its credentials.
pub(super) struct Client {
    http: reqwest::Client,
    server: String,
    headers: Vec<(&'static str, String)>,
}

/// What a request met: the first answer, and how many tries before it had none.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) unanswered: usize,
}

impl Client {
    pub(super) fn bearing(http: &reqwest::Client, server: &str, token: &str) -> Self {
        Self {
            http: http.clone(),
            server: server.to_owned(),
            headers: vec![("authorization", format!("Bearer {token}"))],
        }
    }

    pub(super) fn phone(http: &reqwest::Client, server: &str, login: &PhoneLogin) -> Self {
        Self::bearing(http, server, &login.token)
    }

    pub(super) fn door(http: &reqwest::Client, server: &str, login: &DoorLogin) -> Self {
        let mut client = Self::bearing(http, server, &login.secret);
        client
            .headers
            .push(("x-device-id", login.device_id.clone()));
        client
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Answered {
        let url = format!("{}{path}", self.server);
        let text = body.to_string();
        self.insist(|| self.http.post(&url).body(text.clone()))
            .await
    }

    pub(super) async fn get(&self, path: &str) -> Answered {
        let url = format!("{}{path}", self.server);
        self.insist(|| self.http.get(&url)).await
    }

    /// How a call stands: `ringing`, `answered` or `ended`. An acknowledged call is always found.
    pub(super) async fn status(&self, call: &str) -> String {
        let found = self.get(&format!("/api/mqtt/session?call_id={call}")).await;
        assert_eq!(found.status, 200, "call {call} is lost: {}", found.body);
        found.body["data"]["status"].as_str().unwrap().to_owned()
    }

    /// Acts on a call; the status answered, which is 200 or 409.
    pub(super) async fn act(&self, controller: &str, call: &str, action: &str) -> u16 {
        let body = json!({"action": action, "call_id": call});
        let path = format!("/api/mqtt/controller/{controller}");
        let Answered { status, body, .. } = self.post(&path, &body).await;
        assert!(
            matches!(status, 200 | 409),
            "{action} of call {call}: {status} {body}"
        );
        status
    }

    async fn insist(&self, request: impl Fn() -> reqwest::RequestBuilder) -> Answered {
        for unanswered in 0..TRIES {
            let request = self
                .headers
                .iter()
                .fold(request(), |request, (name, value)| {
                    request.header(*name, value)
                });
            if let Ok((status, body)) = once(request).await {
                return Answered {
                    status,
                    body,
                    unanswered,
                };
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("no answer in {TRIES} tries");
    }
}

async fn once(request: reqwest::RequestBuilder) -> Result<(u16, Value), reqwest::Error> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let body = response.bytes().await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}
