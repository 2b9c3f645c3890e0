//! TC3-HMAC-SHA256: how a request to the vendor's cloud API is signed.
//!
//! Pure: the same key, second, host and payload always give the same signature. Signs POST to `/`
//! without a query, and the headers `content-type` and `host`, as the vendor's own clients do.
//! Source: Tencent Cloud API 3.0, "signature v3".

use std::fmt::Write;

use aws_lc_rs::{digest, hmac};

/// The content type that is signed and must be sent.
pub(super) const CONTENT_TYPE: &str = "application/json";

const ALGORITHM: &str = "TC3-HMAC-SHA256";
const SIGNED_HEADERS: &str = "content-type;host";
const SECONDS_A_DAY: i64 = 86_400;

/// A key of the vendor's cloud API; another one than a TRTC application's.
///
/// Has neither `Debug` nor `Display`: it cannot reach a log.
pub struct CloudKey {
    id: String,
    /// `TC3` and the secret, which is how it is used.
    secret: Vec<u8>,
}

/// A part of the key was empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cloud API key is empty")]
pub struct EmptyCloudKey;

impl CloudKey {
    /// Takes the key's id and its secret as the console shows them.
    pub fn new(id: String, secret: &str) -> Result<CloudKey, EmptyCloudKey> {
        if id.is_empty() || secret.is_empty() {
            return Err(EmptyCloudKey);
        }
        let secret = format!("TC3{secret}").into_bytes();
        Ok(CloudKey { id, secret })
    }
}

/// What is signed.
pub(super) struct Request<'a> {
    pub(super) service: &'a str,
    /// As it is sent, with the port if that is not the scheme's own.
    pub(super) host: &'a str,
    /// The bytes of the body.
    pub(super) payload: &'a [u8],
    /// Seconds since the epoch, as sent in `X-TC-Timestamp`; the vendor allows five minutes.
    pub(super) at_s: i64,
}

impl Request<'_> {
    /// The value of the `Authorization` header.
    pub(super) fn authorization(&self, key: &CloudKey) -> String {
        let (id, scope, signature) = (&key.id, self.scope(), self.signature(key));
        format!(
            "{ALGORITHM} Credential={id}/{scope}, SignedHeaders={SIGNED_HEADERS}, \
             Signature={signature}"
        )
    }

    pub(super) fn canonical(&self) -> String {
        let (host, hash) = (self.host, hex_sha256(self.payload));
        format!("POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{host}\n\n{SIGNED_HEADERS}\n{hash}")
    }

    pub(super) fn string_to_sign(&self) -> String {
        let (at_s, scope) = (self.at_s, self.scope());
        let hash = hex_sha256(self.canonical().as_bytes());
        format!("{ALGORITHM}\n{at_s}\n{scope}\n{hash}")
    }

    pub(super) fn signature(&self, key: &CloudKey) -> String {
        let dated = mac(&key.secret, date_utc(self.at_s).as_bytes());
        let served = mac(dated.as_ref(), self.service.as_bytes());
        let signing = mac(served.as_ref(), b"tc3_request");
        hex(mac(signing.as_ref(), self.string_to_sign().as_bytes()).as_ref())
    }

    fn scope(&self) -> String {
        format!("{}/{}/tc3_request", date_utc(self.at_s), self.service)
    }
}

fn mac(key: &[u8], text: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text)
}

fn hex_sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing into a String cannot fail");
        text
    })
}

/// `2019-02-25`: the day of a second since the epoch in UTC, by counting in eras of 400 years that
/// begin on the first of March. Source: Hinnant, "chrono-compatible low-level date algorithms".
fn date_utc(at_s: i64) -> String {
    let days = at_s.div_euclid(SECONDS_A_DAY) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const VECTORS: &str = include_str!("../../tests/vectors/tc3.json");

    #[test]
    fn requests_are_signed_as_by_the_vendors_client() {
        let file: Value = serde_json::from_str(VECTORS).unwrap();
        for vector in file["vectors"].as_array().unwrap() {
            let text = |name: &str| vector[name].as_str().unwrap();
            let headers = &vector["headers"];
            let unsigned = headers["X-TC-Content-SHA256"].as_str();
            let key = CloudKey::new(text("secret_id").into(), text("secret_key")).unwrap();

            let request = Request {
                service: text("service"),
                host: headers["Host"].as_str().unwrap(),
                payload: unsigned.unwrap_or(text("body")).as_bytes(),
                at_s: vector["timestamp"].as_i64().unwrap(),
            };

            assert_eq!(request.canonical(), text("canonical_request"));
            assert_eq!(request.string_to_sign(), text("string_to_sign"));
            assert_eq!(request.signature(&key), text("signature"));
            assert_eq!(request.authorization(&key), headers["Authorization"]);
        }
    }

    #[test]
    fn days_are_counted_across_leap_years() {
        let cases = [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_735_689_599, "2024-12-31"),
            (4_107_542_400, "2100-03-01"),
        ];
        for (at_s, date) in cases {
            assert_eq!(date_utc(at_s), date, "{at_s}");
        }
    }

    #[test]
    fn an_empty_key_is_refused() {
        assert_eq!(CloudKey::new(String::new(), "s").err(), Some(EmptyCloudKey));
        assert_eq!(CloudKey::new("i".into(), "").err(), Some(EmptyCloudKey));
    }
}
