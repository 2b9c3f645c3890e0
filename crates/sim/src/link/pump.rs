//! The task that turns the MQTT client's event loop.
//!
//! Hands every PUBLISH to the owner; the client has acknowledged it by then. Ends with the
//! connection, and is aborted when its owner goes.

use rumqttc::{ConnectionError, Event, EventLoop, Packet, Publish};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

use crate::error::SimError;

/// A message as it came.
pub(crate) struct Arrived {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
}

impl Arrived {
    /// Reads the payload as JSON of one shape.
    pub(crate) fn parse<T: DeserializeOwned>(self) -> Result<T, SimError> {
        let Arrived { topic, payload } = self;
        serde_json::from_slice(&payload).map_err(|error| SimError::BadMessage {
            topic,
            why: error.to_string(),
        })
    }
}

/// Why a connection is no more.
pub(super) enum End {
    Refused { code: u8 },
    Lost { why: String },
}

/// Turns the loop until the connection ends. The client would connect again by itself if it were
/// asked for another event, so the first error is the last question.
pub(super) async fn run(mut events: EventLoop, arrived: Sender<Arrived>) -> End {
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                if let Err(TrySendError::Full(_)) = arrived.try_send(read(&publish)) {
                    return End::Lost {
                        why: "too many unread messages".to_owned(),
                    };
                }
            }
            Ok(_) => {}
            Err(ConnectionError::ConnectionRefused(code)) => {
                return End::Refused { code: code as u8 };
            }
            Err(error) => {
                return End::Lost {
                    why: error.to_string(),
                };
            }
        }
    }
}

fn read(publish: &Publish) -> Arrived {
    Arrived {
        topic: String::from_utf8_lossy(&publish.topic).into_owned(),
        payload: publish.payload.to_vec(),
    }
}
