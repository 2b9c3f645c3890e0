//! The envelope of every HTTP answer. Source: S0 §4.1 and §6.
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

/// Encodes an answer. `data` is null in errors, but for the loser of a race, who gets the truth.
pub(crate) fn envelope<T: Serialize>(code: u16, message: &str, data: Option<T>) -> Vec<u8> {
    serde_json::to_vec(&Envelope {
        code,
        message,
        data,
    })
    .unwrap_or_default()
}
