//! What a broker asks before it lets somebody in, subscribe or publish, in the shape of EMQX's HTTP
//! authentication and authorization.
//!
//! | path | body | answer |
//! |---|---|---|
//! | `POST /broker/emqx/authenticate` | `{"clientid", "username", "password"}` | `{"result": "allow", "is_superuser": false, "expire_at": …}` or `{"result": "deny"}` |
//! | `POST /broker/emqx/authorize` | `{"clientid", "username", "action": "publish" or "subscribe", "topic", "retain"}` | `{"result": "allow"}` or `{"result": "deny"}` |
//!
//! The broker shows `Authorization: Bearer` and the secret of the settings; without it the answer is
//! 401, whatever is asked. An answer is never `ignore`, and what cannot be read is denied: nobody after
//! us is asked.

use std::sync::Arc;
use std::time::Duration;

use app::login::Logins;
use app::port::{Clock, Random};
use app::principal::{Principal, ResidentPrincipal};
use app::secret::Secret;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bus::Rights;
use engine::id::Hand;
use metrics::counter;
use serde::{Deserialize, Serialize};

use crate::edge::denial::Denial;
use crate::edge::external::Dialects;
use crate::edge::sign_in::by_password;
use crate::edge::trace::{Happening, Tracer};

/// The longest question: its fields are bounded by MQTT at 64 KiB each, and honest ones far shorter.
const BODY_MAX: usize = 16 * 1024;

/// After this a client must sign in again: the broker cannot be told whose login ended.
const STAY: Duration = Duration::from_secs(3600);

/// Answers the broker.
pub(crate) struct Hooks {
    pub(crate) logins: Arc<Logins>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tracer: Arc<Tracer>,
    /// What the broker shows.
    pub(crate) secret: Secret,
    /// As whom the server itself signs in there.
    pub(crate) own: Option<(String, Secret)>,
    pub(crate) dialects: Dialects,
}

#[derive(Deserialize)]
struct SignIn {
    #[serde(default)]
    clientid: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    clientid: String,
    username: String,
    action: String,
    topic: String,
    /// EMQX writes it as a truth value or as a text, or leaves it out.
    #[serde(default)]
    retain: serde_json::Value,
}

#[derive(Serialize)]
struct Answer {
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_superuser: Option<bool>,
    /// Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_at: Option<i64>,
}

impl Answer {
    const ALLOW: Self = Self {
        result: "allow",
        is_superuser: None,
        expire_at: None,
    };
    const DENY: Self = Self {
        result: "deny",
        ..Self::ALLOW
    };
}

/// The routes below `/broker/emqx`.
pub(crate) fn routes(hooks: Arc<Hooks>) -> Router {
    Router::new()
        .route("/broker/emqx/authenticate", post(authenticate))
        .route("/broker/emqx/authorize", post(authorize))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(hooks)
}

async fn authenticate(
    State(hooks): State<Arc<Hooks>>,
    headers: HeaderMap,
    asked: String,
) -> Response {
    if !hooks.knows(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match serde_json::from_str(&asked) {
        Ok(sign_in) => Json(hooks.sign_in(sign_in).await).into_response(),
        Err(error) => hooks.misunderstand(&error),
    }
}

async fn authorize(State(hooks): State<Arc<Hooks>>, headers: HeaderMap, asked: String) -> Response {
    if !hooks.knows(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match serde_json::from_str(&asked) {
        Ok(wish) => Json(hooks.grant(&wish).await).into_response(),
        Err(error) => hooks.misunderstand(&error),
    }
}

impl Hooks {
    /// A broker takes an error for no opinion, and might ask somebody else.
    fn misunderstand(&self, error: &serde_json::Error) -> Response {
        tracing::warn!(%error, "the MQTT broker asks what cannot be read");
        Json(Answer::DENY).into_response()
    }

    /// Compared by digest, so that how long it takes tells nothing.
    fn knows(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(header::AUTHORIZATION);
        let shown = shown.and_then(|shown| shown.to_str().ok()?.strip_prefix("Bearer "));
        shown.is_some_and(|shown| self.is_same(shown, &self.secret))
    }

    fn is_same(&self, shown: &str, right: &Secret) -> bool {
        let digest = |secret: &Secret| self.random.digest(secret);
        digest(&Secret::new(shown.to_owned())) == digest(right)
    }

    async fn sign_in(&self, asked: SignIn) -> Answer {
        if let Some((name, password)) = &self.own
            && *name == asked.username
        {
            let is_us = self.is_same(&asked.password, password);
            return Answer {
                is_superuser: Some(is_us),
                ..if is_us { Answer::ALLOW } else { Answer::DENY }
            };
        }
        match self.principal(&asked).await {
            Ok(_) => Answer {
                is_superuser: Some(false),
                expire_at: Some((self.clock.now() + STAY).ms() / 1000),
                ..Answer::ALLOW
            },
            Err(denial) => {
                self.note_refusal(&asked.username, &asked.clientid, denial);
                Answer::DENY
            }
        }
    }

    /// Sessions at such a broker belong to client ids, and whoever comes with one takes over what was
    /// there. So a door comes with its own id, and a resident with one that begins with its own.
    async fn principal(&self, asked: &SignIn) -> Result<Principal, Denial> {
        let SignIn {
            clientid,
            username,
            password,
        } = asked;
        let shown = Secret::new(password.clone());
        let Some(rest) = clientid.strip_prefix(username.as_str()) else {
            return Err(Denial::OtherClient);
        };
        let found = by_password(&self.logins, username, &shown, clientid).await;
        // A name that does not begin so was registered without.
        let found = match rest.strip_prefix('_') {
            Some(name) if !is_client(&found) => {
                let as_named = by_password(&self.logins, username, &shown, name).await;
                if is_client(&as_named) {
                    as_named
                } else {
                    found
                }
            }
            Some(_) | None => found,
        };
        let principal = found?;
        let is_door = matches!(principal, Principal::Door(_));
        if is_door && !rest.is_empty() {
            return Err(Denial::OtherClient);
        }
        Ok(principal)
    }

    fn note_refusal(&self, username: &str, client_id: &str, denial: Denial) {
        counter!("koumen_mqtt_refused_connects_total", "reason" => denial.name()).increment(1);
        let happening = Happening {
            client_id,
            event: "sign_in_refused",
            reason: Some(denial.name()),
            topic: None,
        };
        self.tracer.note_name(username, happening);
    }

    async fn grant(&self, wish: &Wish) -> Answer {
        let is_us = self
            .own
            .as_ref()
            .is_some_and(|(name, _)| *name == wish.username);
        if is_us || self.may(wish).await {
            return Answer::ALLOW;
        }
        let event = match wish.action.as_str() {
            "publish" => "publish_refused",
            _ => "subscribe_refused",
        };
        counter!("koumen_mqtt_denied_total", "event" => event).increment(1);
        let happening = Happening {
            client_id: &wish.clientid,
            event,
            reason: None,
            topic: Some(&wish.topic),
        };
        self.tracer.note_name(&wish.username, happening);
        Answer::DENY
    }

    /// The broker has let it in under this name, so it is whom the name says: a device if there is
    /// one, else a resident.
    async fn may(&self, wish: &Wish) -> bool {
        let principal = match self.logins.by_vouched(&wish.username).await {
            Ok(Some(door)) => Principal::Door(door),
            Ok(None) => Principal::Resident(ResidentPrincipal {
                resident: wish.username.as_str().into(),
                login: Hand::from(wish.clientid.as_str()),
                client: None,
            }),
            Err(failure) => {
                tracing::warn!(%failure, "what an MQTT client may do could not be looked up");
                return false;
            }
        };
        let dialects = self.dialects.get().into_iter().flatten();
        dialects.map(|one| one.rights(&principal)).any(|rights| {
            let Rights { subscribe, publish } = rights;
            match wish.action.as_str() {
                "subscribe" => subscribe.contains(&wish.topic),
                "publish" => publish.contains(&wish.topic) && !is_true(&wish.retain),
                _ => false,
            }
        })
    }
}

fn is_client(found: &Result<Principal, Denial>) -> bool {
    matches!(found, Ok(Principal::Resident(one)) if one.client.is_some())
}

fn is_true(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Bool(is_true) => *is_true,
        serde_json::Value::String(text) => text == "true" || text == "1",
        serde_json::Value::Number(number) => number.as_i64() != Some(0),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
            false
        }
    }
}
