//! One connection: what is asked for at its beginning, and where each packet goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use metrics::{counter, gauge};
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v5::{ConnAck, PubAckReason, SubscribeReasonCode};
use rumqttc::{AsyncClient, ConnectionError, Event, EventLoop, Packet, PublishOptions};

use crate::inbound::{Intake, acknowledge};
use crate::lack::{Lack, forget_all, lacks, tell};
use crate::line::{Line, Open};
use crate::security::{RESPONSES, Responses};

/// Where nobody listens, and everyone who may tell parties of calls may publish.
const PROBE: &str = "users/0/koumen-probe";

/// Who is there to hear, whichever connection it is.
pub(crate) struct Hearers<P> {
    pub(crate) line: Arc<Line>,
    pub(crate) intake: Arc<Intake<P>>,
    pub(crate) responses: Option<Responses>,
    /// The filters by which what doors publish is shared, with those who are the same server.
    pub(crate) shared: Vec<String>,
}

/// One connection. Whatever is called from here returns at once.
pub(crate) struct Conversation<'a, P> {
    pub(crate) of: &'a Hearers<P>,
    pub(crate) client: &'a AsyncClient,
    /// Whether a message was refused.
    pub(crate) is_refused: AtomicBool,
}

impl<P: 'static> Conversation<'_, P> {
    /// Until it breaks off; returns why.
    pub(crate) async fn run(&self, events: &mut EventLoop) -> ConnectionError {
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(said))) => {
                    // Only resuming needs it; it costs a copy of all that is in flight per packet.
                    events.options.clear_session_store();
                    self.begin(&said);
                }
                Ok(Event::Incoming(packet)) => self.take(packet),
                Ok(Event::Outgoing(_) | Event::Auth(_)) => {}
                Err(error) => return error,
            }
        }
    }

    fn begin(&self, said: &ConnAck) {
        let has_session = said.session_present;
        tracing::info!(has_session, "connected to the MQTT broker");
        let lacks = lacks(said.properties.as_ref());
        forget_all();
        lacks.iter().copied().for_each(tell);
        let qos = if lacks.contains(&Lack::Acknowledgement) {
            QoS::AtMostOnce
        } else {
            QoS::AtLeastOnce
        };
        self.subscribe(!lacks.contains(&Lack::Sharing), qos);
        self.of.line.open(Open {
            client: self.client.clone(),
            qos,
        });
        gauge!("koumen_external_mqtt_connected").set(1.0);
        counter!("koumen_external_mqtt_connects_total").increment(1);
        self.probe(qos);
    }

    /// Also where the session is still there: a subscription is only renewed by it.
    fn subscribe(&self, shares: bool, qos: QoS) {
        let mut filters = if shares {
            self.of.shared.clone()
        } else {
            self.of.intake.filters()
        };
        if self.of.responses.is_some() {
            filters.push(RESPONSES.to_owned());
        }
        for filter in filters {
            if self.client.try_subscribe(filter, qos).is_err() {
                tracing::error!("a subscription could not be asked for");
            }
        }
    }

    /// A message to nobody; its acknowledgement says whether we may publish.
    fn probe(&self, qos: QoS) {
        let options = PublishOptions::new(qos);
        if self.client.try_publish(PROBE, Vec::new(), options).is_err() {
            tracing::warn!("the MQTT broker could not be asked whether we may publish");
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the client sees to all other packets"
    )]
    fn take(&self, packet: Packet) {
        match packet {
            Packet::Publish(publish) => match &self.of.responses {
                Some(responses) if publish.topic == RESPONSES.as_bytes() => {
                    responses.take(publish.payload.clone());
                    acknowledge(self.client, &publish);
                }
                _ => self.of.intake.take(self.client, publish),
            },
            Packet::SubAck(said) => {
                let is_granted =
                    |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
                if !said.return_codes.iter().all(is_granted) {
                    tell(Lack::Subscribing);
                }
            }
            Packet::PubAck(said) => {
                let is_refused = said.reason == PubAckReason::NotAuthorized;
                if is_refused && !self.is_refused.swap(true, Ordering::Relaxed) {
                    tell(Lack::Publishing);
                }
            }
            Packet::Disconnect(said) => {
                tracing::warn!(reason = ?said.reason_code, "the MQTT broker closes our connection");
            }
            _ => {}
        }
    }
}
