//! Signing a person in with name and password.
//!
//! The product's own interface, not S0: answers have no envelope, and refusals are problem
//! details (RFC 9457). A door needs no sign-in: its secret is its bearer token.

use serde::{Deserialize, Serialize};

use crate::error::SimError;
use crate::http::{Answer, Http};
use crate::server::{PhoneLogin, ServerAddress};

const LOGIN: &str = "/v1/login";

/// A session of one person. Without `Debug`, for it holds a token.
#[derive(Clone)]
pub struct Login {
    /// The resident's or operator's id.
    pub subject: String,
    /// `resident` or `operator`.
    pub kind: String,
    /// The bearer token.
    pub token: String,
}

impl Login {
    /// The login as a phone wants it; of use for a resident only.
    pub fn into_phone_login(self) -> PhoneLogin {
        PhoneLogin {
            resident_id: self.subject,
            token: self.token,
        }
    }
}

#[derive(Serialize)]
struct Request<'a> {
    name: &'a str,
    password: &'a str,
}

#[derive(Deserialize)]
struct Granted {
    token: String,
    kind: String,
    id: String,
}

#[derive(Deserialize)]
struct Problem {
    title: Option<String>,
    detail: Option<String>,
}

/// Asks for a session.
///
/// A wrong name or password is [`SimError::Refused`], its code the HTTP status.
pub async fn login(server: &ServerAddress, name: &str, password: &str) -> Result<Login, SimError> {
    let http = Http::new(&server.http)?;
    let answer = http.post_raw(LOGIN, &Request { name, password }).await?;
    if !(200..300).contains(&answer.http_status) {
        return Err(refused(answer));
    }
    let Granted { token, kind, id } = answer.parse()?;
    Ok(Login {
        subject: id,
        kind,
        token,
    })
}

fn refused(answer: Answer) -> SimError {
    let words = answer
        .parse::<Problem>()
        .ok()
        .and_then(|problem| problem.detail.or(problem.title));
    let Answer {
        path, http_status, ..
    } = answer;
    let message = words.unwrap_or_else(|| "no reason given".to_owned());
    SimError::Refused {
        path,
        http_status,
        code: i64::from(http_status),
        message,
    }
}
