//! One client that leaves a message in each of many sessions.

use std::time::Duration;

use tokio::time::timeout;

use super::line::{Line, Visitor};
use crate::load::error::LoadError;
use crate::load::raw::{encode, put_text};
use crate::load::stream::Target;

/// PUBLISH at QoS 1.
const PUBLISH: u8 = 0x32;

/// Messages under way without PUBACK.
const WINDOW: usize = 100;

/// Room for unread bytes: the PUBACKs of a window.
const ROOM: usize = 1024;

/// Silence after which a PUBACK counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// Publishes once to each topic; returns when all are acknowledged.
pub async fn leave(
    target: &Target,
    topics: &[String],
    payload_bytes: usize,
) -> Result<(), LoadError> {
    let visitor = Visitor {
        client: "bench-mail",
        clean: true,
        room: ROOM,
    };
    let mut line = Line::connect(target, &visitor).await?;
    let payload = vec![b'x'; payload_bytes];
    for topics in topics.chunks(WINDOW) {
        line.send(&publishes(topics, &payload)).await?;
        let mut missing = topics.len();
        while missing > 0 {
            let coming = timeout(PATIENCE, line.fill()).await;
            coming.unwrap_or(Err(LoadError::Hung {
                missing: "a PUBACK",
            }))?;
            missing = missing.saturating_sub(line.take_acks()?);
        }
    }
    Ok(())
}

fn publishes(topics: &[String], payload: &[u8]) -> Vec<u8> {
    let mut packets = Vec::new();
    for (id, topic) in (1_u16..).zip(topics) {
        let mut body = Vec::new();
        put_text(&mut body, topic);
        body.extend(id.to_be_bytes());
        body.extend_from_slice(payload);
        packets.extend(encode(PUBLISH, &body));
    }
    packets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::raw::decode;

    #[test]
    fn each_topic_gets_one_message_with_an_id_of_its_own() {
        let packets = publishes(&["a".to_owned(), "b".to_owned()], b"xy");

        let (head, body, end) = decode(&packets).unwrap().unwrap();
        assert_eq!((head, body), (PUBLISH, &b"\0\x01a\0\x01xy"[..]));
        let (head, body, _) = decode(&packets[end..]).unwrap().unwrap();
        assert_eq!((head, body), (PUBLISH, &b"\0\x01b\0\x02xy"[..]));
    }
}
