//! The envelope of every HTTP answer. Source: S0 §4.1 and §6; S1 §4.3, whose success is `code: 0`.
//!
//! ```json
//! {"code": 200, "message": "成功", "data": …}
//! {"code": 400, "message": "错误描述", "data": null}
//! ```

use serde::Serialize;

#[derive(Serialize)]
struct Envelope<'a, T> {
    code: u16,
    message: &'a str,
    data: Option<T>,
}

/// Whose envelope: the two documents differ in the code of success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    S0,
    S1,
}

impl Family {
    pub(crate) fn success(self) -> u16 {
        match self {
            Self::S0 => 200,
            Self::S1 => 0,
        }
    }
}

/// Encodes an answer. `data` is null in errors, but for the loser of a race, who gets the truth.
pub(crate) fn envelope<T: Serialize>(code: u16, message: &str, data: Option<T>) -> Vec<u8> {
    serde_json::to_vec(&Envelope {
        code,
        message,
        data,
    })
    .unwrap_or_default()
}
