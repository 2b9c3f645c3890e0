//! Saying things to registered addresses outside, signed.
//!
//! ```text
//! POST <address>
//! koumen-delivery: 01k…/3
//! koumen-timestamp: 1795177183019
//! koumen-signature: v1=<hex of HMAC-SHA-256 over "1795177183019." and the body>
//!
//! {"id": "01k…/3", "event": "alarm", "at": 1795177183019, "community": "01j…", "alarm": { … }}
//! ```
//!
//! Knows no retries: an errand that fails is tried again by whoever owns it. Answers are not read.

use std::error::Error;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use app::port::{BoxFuture, Delivery, ErrandFailure, HookSender, News};
use aws_lc_rs::hmac;
use engine::alarm::{Alarm, Person};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Url, redirect};
use serde::Serialize;

const CONNECT_WAIT: Duration = Duration::from_secs(3);

/// The whole request. Longer only holds up what else waits; this one is tried again anyway.
const REQUEST_WAIT: Duration = Duration::from_secs(10);

/// Sends to addresses outside over HTTPS.
#[derive(Default)]
pub struct Webhooks {
    /// Made at the first delivery: a machine without certificates of authorities must start too.
    client: OnceLock<Client>,
}

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    event: &'static str,
    at: i64,
    community: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    alarm: Option<AlarmBody<'a>>,
}

#[derive(Serialize)]
struct AlarmBody<'a> {
    id: &'a str,
    version: u64,
    flat: &'a str,
    number: &'a str,
    zone: u8,
    zone_name: &'a str,
    policy: &'static str,
    state: &'static str,
    level: Option<&'static str>,
    count: u32,
    raised_at: i64,
    again_count: u32,
    acknowledged_at: Option<i64>,
    /// The kind of person, not who: names of people do not leave the house.
    acknowledged_by: Option<&'static str>,
    going: Option<&'a str>,
    ended_at: Option<i64>,
}

impl<'a> AlarmBody<'a> {
    fn new(alarm: &'a Alarm) -> Self {
        let ack = alarm.ack();
        Self {
            id: alarm.id.as_str(),
            version: alarm.version.0,
            flat: alarm.flat.as_str(),
            number: &alarm.place.number,
            zone: alarm.zone.number(),
            zone_name: &alarm.zone_name,
            policy: alarm.policy.name(),
            state: alarm.state_name(),
            level: alarm.level().map(|level| level.name()),
            count: alarm.count,
            raised_at: alarm.raised.ms(),
            again_count: alarm.again_count,
            acknowledged_at: ack.map(|ack| ack.at.ms()),
            acknowledged_by: ack.map(|ack| match ack.by {
                Person::Resident { .. } => "resident",
                Person::Screen { .. } => "screen",
                Person::Operator(_) => "operator",
                Person::Centre(_) => "centre",
            }),
            going: ack.map(|ack| ack.going.as_str()),
            ended_at: alarm.ended().map(|at| at.ms()),
        }
    }
}

/// The body of a delivery.
fn to_body(delivery: &Delivery) -> Result<Vec<u8>, ErrandFailure> {
    let (event, community, alarm) = match &delivery.news {
        News::Test(community) => ("test", community, None),
        News::Alarm(alarm) => {
            let body = AlarmBody::new(alarm);
            ("alarm", &alarm.place.community, Some(body))
        }
    };
    let body = Body {
        id: &delivery.id,
        event,
        at: delivery.at.ms(),
        community: community.as_str(),
        alarm,
    };
    serde_json::to_vec(&body).map_err(|error| ErrandFailure::Refused(error.to_string()))
}

/// What proves that a body is ours and of that moment.
fn signature(key: &str, at_ms: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let mut signing = hmac::Context::with_key(&key);
    signing.update(format!("{at_ms}.").as_bytes());
    signing.update(body);
    let tag = signing.sign();
    let hex: String = tag
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("v1={hex}")
}

impl Webhooks {
    fn client(&self) -> Result<&Client, ErrandFailure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .connect_timeout(CONNECT_WAIT)
            .timeout(REQUEST_WAIT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| unavailable(&error))?;
        Ok(self.client.get_or_init(|| client))
    }

    async fn post(&self, delivery: Delivery) -> Result<(), ErrandFailure> {
        let url = to_url(&delivery.hook.url).map_err(|why| ErrandFailure::Refused(why.into()))?;
        let body = to_body(&delivery)?;
        let at_ms = delivery.at.ms();
        let request = self
            .client()?
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("koumen-delivery", &delivery.id)
            .header("koumen-timestamp", at_ms)
            .header(
                "koumen-signature",
                signature(delivery.key.expose(), at_ms, &body),
            );
        let answered = request.body(body).send().await;
        let status = answered.map_err(|error| unavailable(&error))?.status();
        if status.is_success() {
            return Ok(());
        }
        Err(ErrandFailure::Unavailable(format!("HTTP status {status}")))
    }
}

impl HookSender for Webhooks {
    fn check_url(&self, url: &str) -> Result<(), &'static str> {
        to_url(url).map(drop)
    }

    fn send(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), ErrandFailure>> {
        Box::pin(self.post(delivery))
    }
}

/// The address, if anything may be sent there: HTTPS, or plain HTTP on this machine.
fn to_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "must be a URL")?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("must have no user, password or fragment");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err("must be https, or http to loopback"),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    host == "localhost" || address.is_some_and(|address| address.is_loopback())
}

/// The problem with its causes, without the address, which may hold a secret of the receiver's.
fn unavailable(problem: &reqwest::Error) -> ErrandFailure {
    let mut texts = Vec::new();
    let mut cause = problem.source();
    while let Some(found) = cause {
        texts.push(found.to_string());
        cause = found.source();
    }
    ErrandFailure::Unavailable(texts.join(": "))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use app::directory::{Hook, HookId};
    use app::secret::Secret;
    use engine::alarm::{Ack, Heard, Level, Phase, Place, Policy, ZoneNo};
    use engine::call::Version;
    use engine::time::Instant;

    use super::*;

    fn delivery(news: News) -> Delivery {
        let at = Instant::from_ms(1_795_177_183_019);
        Delivery {
            hook: Hook {
                id: HookId("h".into()),
                community: "c".into(),
                url: "https://alarms.example.org/in".into(),
                created: at,
            },
            key: Secret::new("kmwh_key".into()),
            id: "a/3".into(),
            at,
            news,
        }
    }

    fn alarm() -> Arc<Alarm> {
        let heard = [1, 1, 2, 3].map(Version);
        let ack = Ack {
            by: Person::Resident {
                resident: "mum".into(),
                flat: "f".into(),
            },
            going: "the neighbour".into(),
            at: Instant::from_ms(9),
        };
        Arc::new(Alarm {
            id: "a".into(),
            version: Version(3),
            flat: "f".into(),
            place: Place {
                community: "c".into(),
                number: "1-101".into(),
            },
            zone: ZoneNo::new(2).unwrap(),
            zone_name: "window".into(),
            policy: Policy::Immediate,
            raised: Instant::from_ms(5),
            count: 4,
            last: Instant::from_ms(7),
            again_count: 0,
            ladder: Vec::new(),
            again: Duration::from_secs(60),
            heard: Heard::from_versions(heard),
            phase: Phase::Acknowledged(ack),
        })
    }

    #[test]
    fn what_is_said_of_an_alarm_names_nobody() {
        let body = to_body(&delivery(News::Alarm(alarm()))).unwrap();

        let expected = r#"{"id":"a/3","event":"alarm","at":1795177183019,"community":"c","alarm":{"id":"a","version":3,"flat":"f","number":"1-101","zone":2,"zone_name":"window","policy":"immediate","state":"acknowledged","level":"outside","count":4,"raised_at":5,"again_count":0,"acknowledged_at":9,"acknowledged_by":"resident","going":"the neighbour","ended_at":null}}"#;
        assert_eq!(String::from_utf8(body).unwrap(), expected);
        assert_eq!(alarm().level(), Some(Level::Outside));
    }

    #[test]
    fn a_test_has_no_alarm() {
        let body = to_body(&delivery(News::Test("c".into()))).unwrap();

        let expected = r#"{"id":"a/3","event":"test","at":1795177183019,"community":"c"}"#;
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }

    /// Made with Python's `hmac`, as in docs/alarms.md.
    #[test]
    fn the_signature_is_what_others_compute() {
        let made = signature("kmwh_key", 1_795_177_183_019, b"{\"event\":\"test\"}");

        assert_eq!(made, SIGNED);
    }

    #[test]
    fn only_https_or_this_machine_is_spoken_to() {
        for good in [
            "https://alarms.example.org/in?k=1",
            "http://127.0.0.1:9000/in",
            "http://[::1]/",
            "http://localhost:1",
        ] {
            assert!(to_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://alarms.example.org/in",
            "http://127.0.0.1.example.org/",
            "http://10.0.0.1/",
            "ftp://127.0.0.1/",
            "https://me:secret@alarms.example.org/",
            "https://alarms.example.org/#x",
            "alarms.example.org",
            "",
        ] {
            assert!(to_url(bad).is_err(), "{bad}");
        }
    }

    const SIGNED: &str = "v1=fcbf3b72ec9dca765265744615cb3664e6a579192e347de6a96bfec461ac35d2";
}
