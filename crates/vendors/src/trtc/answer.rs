//! The envelope in which the vendor's cloud API answers.
//!
//! ```json
//! {"Response": {"RequestId": "…"}}
//! {"Response": {"RequestId": "…", "Error": {"Code": "InternalError", "Message": "…"}}}
//! ```

use app::port::ErrandFailure;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    response: Answer,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    error: Option<Problem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Problem {
    code: String,
}

/// What the answer means. Its status is 200 also where the request failed.
pub(super) fn judge(bytes: &[u8]) -> Result<(), ErrandFailure> {
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(|e| unavailable(&e))?;
    let Some(Problem { code }) = envelope.response.error else {
        return Ok(());
    };
    if code == "FailedOperation.RoomNotExist" {
        return Ok(());
    }
    let is_final = ["InvalidParameter", "MissingParameter", "UnknownParameter"]
        .iter()
        .any(|kind| code.starts_with(kind));
    Err(if is_final {
        ErrandFailure::Refused(code)
    } else {
        ErrandFailure::Unavailable(code)
    })
}

pub(super) fn unavailable(problem: &dyn std::error::Error) -> ErrandFailure {
    ErrandFailure::Unavailable(chain(problem))
}

pub(super) fn refused(problem: &dyn std::error::Error) -> ErrandFailure {
    ErrandFailure::Refused(chain(problem))
}

/// The problem with its causes, which the outermost error does not name.
fn chain(problem: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(problem), |problem| problem.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(code: &str) -> Result<(), ErrandFailure> {
        judge(format!(r#"{{"Response":{{"Error":{{"Code":"{code}"}}}}}}"#).as_bytes())
    }

    #[test]
    fn success_and_a_room_that_is_gone_are_done() {
        assert!(judge(br#"{"Response":{"RequestId":"1","New":true}}"#).is_ok());
        assert!(judged("FailedOperation.RoomNotExist").is_ok());
    }

    #[test]
    fn what_may_pass_is_told_from_what_stays() {
        for code in [
            "InternalError",
            "AuthFailure.SignatureExpire",
            "RequestLimitExceeded",
        ] {
            assert!(matches!(judged(code), Err(ErrandFailure::Unavailable(c)) if c == code));
        }
        for code in [
            "InvalidParameter.RoomId",
            "InvalidParameterValue.RoomId",
            "MissingParameter",
        ] {
            assert!(matches!(judged(code), Err(ErrandFailure::Refused(c)) if c == code));
        }
    }

    #[test]
    fn an_answer_that_is_not_the_vendors_may_pass() {
        for text in ["", "<html>", "{}", "[]"] {
            let judged = judge(text.as_bytes());
            assert!(
                matches!(judged, Err(ErrandFailure::Unavailable(_))),
                "{text}"
            );
        }
    }
}
