//! A raw MQTT client: sends what it is told, waits for what must come, never repairs anything.
//! Built on the codec crate alone, so that it is an independent other side.

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use rmqtt_codec::types::{Protocol, Publish, QoS};
use rmqtt_codec::{MqttCodec, MqttPacket, v3, v5};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::codec::{Decoder, Encoder};

/// Longest wait for a packet that must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Speaks {
    V31,
    V311,
    V5,
}

pub(crate) const ALL: [Speaks; 3] = [Speaks::V31, Speaks::V311, Speaks::V5];

/// What CONNECT asks for.
#[derive(Clone)]
pub(crate) struct Hello {
    pub(crate) speaks: Speaks,
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) clean: bool,
    pub(crate) keep_alive: u16,
    /// v5 only.
    pub(crate) life_secs: u32,
    pub(crate) receive_max: Option<u16>,
    pub(crate) packet_max: Option<u32>,
    /// Topic, payload, retain.
    pub(crate) will: Option<(String, String, bool)>,
    pub(crate) will_qos: u8,
    /// v5 only, as below.
    pub(crate) will_delay_secs: Option<u32>,
    pub(crate) aliases_max: u16,
}

pub(crate) fn hello(speaks: Speaks, client: &str) -> Hello {
    Hello {
        speaks,
        client: client.into(),
        user: client.into(),
        clean: true,
        keep_alive: 0,
        life_secs: 0,
        receive_max: None,
        packet_max: None,
        will: None,
        will_qos: 1,
        will_delay_secs: None,
        aliases_max: 0,
    }
}

pub(crate) struct Client {
    stream: TcpStream,
    codec: MqttCodec,
    inbox: BytesMut,
    packet: u16,
}

impl Client {
    pub(crate) async fn dial(address: SocketAddr, speaks: Speaks) -> Client {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let codec = match speaks {
            Speaks::V5 => MqttCodec::V5(v5::Codec::new(0, 0)),
            Speaks::V31 | Speaks::V311 => MqttCodec::V3(v3::Codec::new(0)),
        };
        Client {
            stream,
            codec,
            inbox: BytesMut::new(),
            packet: 0,
        }
    }

    /// Its own end of the socket.
    pub(crate) fn address(&self) -> SocketAddr {
        self.stream.local_addr().unwrap()
    }

    /// Connects; returns the client and the session present flag.
    pub(crate) async fn connect(address: SocketAddr, hello: &Hello) -> (Client, bool) {
        let (client, code, present) = Client::try_connect(address, hello).await;
        assert_eq!(code, 0, "refused");
        (client, present)
    }

    /// Sends CONNECT; returns the client, the CONNACK code and the session present flag.
    pub(crate) async fn try_connect(address: SocketAddr, hello: &Hello) -> (Client, u8, bool) {
        let mut client = Client::dial(address, hello.speaks).await;
        client.send_connect(hello).await;
        match client.receive().await {
            MqttPacket::V3(v3::Packet::ConnectAck(ack)) => {
                (client, ack.return_code.into(), ack.session_present)
            }
            MqttPacket::V5(v5::Packet::ConnectAck(ack)) => {
                (client, ack.reason_code.into(), ack.session_present)
            }
            other => panic!("not a CONNACK: {other:?}"),
        }
    }

    pub(crate) async fn send_connect(&mut self, hello: &Hello) {
        let mut bytes = BytesMut::new();
        self.codec
            .encode(connect_packet(hello), &mut bytes)
            .unwrap();
        if hello.speaks == Speaks::V31 {
            // The codec writes 4 whatever the protocol's level is.
            let name = bytes
                .windows(6)
                .position(|window| window == b"MQIsdp")
                .unwrap();
            bytes[name + 6] = 3;
        }
        self.send_bytes(&bytes).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    pub(crate) async fn send(&mut self, packet: MqttPacket) {
        let mut bytes = BytesMut::new();
        self.codec.encode(packet, &mut bytes).unwrap();
        self.send_bytes(&bytes).await;
    }

    pub(crate) async fn receive(&mut self) -> MqttPacket {
        self.try_receive()
            .await
            .expect("the broker closed the connection")
    }

    /// None: the broker closed the connection.
    pub(crate) async fn try_receive(&mut self) -> Option<MqttPacket> {
        tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some((packet, _)) = self.codec.decode(&mut self.inbox).unwrap() {
                    return Some(packet);
                }
                match self.stream.read_buf(&mut self.inbox).await {
                    Ok(0) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        })
        .await
        .expect("nothing came")
    }

    /// Reads until the broker closes; returns the v5 DISCONNECT code if there was one.
    pub(crate) async fn closed(&mut self) -> Option<u8> {
        let mut code = None;
        while let Some(packet) = self.try_receive().await {
            if let MqttPacket::V5(v5::Packet::Disconnect(disconnect)) = packet {
                code = Some(disconnect.reason_code.into());
            }
        }
        code
    }

    /// Sends unless the broker has closed already.
    pub(crate) async fn send_if_open(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.ok();
    }

    pub(crate) async fn end_of_writing(&mut self) {
        // The broker may have closed before.
        self.stream.shutdown().await.ok();
    }

    /// Reads and forgets until the broker closes.
    pub(crate) async fn end(&mut self) {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, self.stream.read_to_end(&mut rest));
        ended.await.expect("the broker did not close").ok();
    }

    fn is_five(&self) -> bool {
        matches!(self.codec, MqttCodec::V5(_))
    }

    pub(crate) fn next_id(&mut self) -> NonZeroU16 {
        self.packet += 1;
        NonZeroU16::new(self.packet).unwrap()
    }

    /// Subscribes and returns the codes of SUBACK.
    pub(crate) async fn subscribe(&mut self, filters: &[(&str, u8)]) -> Vec<u8> {
        let packet_id = self.next_id();
        let packet = if self.is_five() {
            MqttPacket::V5(v5::Packet::Subscribe(v5::Subscribe {
                packet_id,
                id: None,
                user_properties: vec![],
                topic_filters: filters
                    .iter()
                    .map(|(filter, qos)| {
                        let options = v5::SubscriptionOptions {
                            qos: level(*qos),
                            ..Default::default()
                        };
                        (ByteString::from(*filter), options)
                    })
                    .collect(),
            }))
        } else {
            let topic_filters = filters
                .iter()
                .map(|(filter, qos)| (ByteString::from(*filter), level(*qos)));
            let topic_filters = topic_filters.collect();
            MqttPacket::V3(v3::Packet::Subscribe {
                packet_id,
                topic_filters,
            })
        };
        self.send(packet).await;
        self.suback().await
    }

    pub(crate) async fn suback(&mut self) -> Vec<u8> {
        match self.receive().await {
            MqttPacket::V3(v3::Packet::SubscribeAck { status, .. }) => status
                .into_iter()
                .map(|one| match one {
                    v3::SubscribeReturnCode::Success(qos) => qos.value(),
                    v3::SubscribeReturnCode::Failure => 0x80,
                })
                .collect(),
            MqttPacket::V5(v5::Packet::SubscribeAck(ack)) => {
                ack.status.into_iter().map(u8::from).collect()
            }
            other => panic!("not a SUBACK: {other:?}"),
        }
    }

    pub(crate) async fn unsubscribe(&mut self, filter: &str) {
        let packet_id = self.next_id();
        let topic_filters = vec![ByteString::from(filter)];
        if self.is_five() {
            let packet = v5::Unsubscribe {
                packet_id,
                user_properties: vec![],
                topic_filters,
            };
            self.send(MqttPacket::V5(v5::Packet::Unsubscribe(packet)))
                .await;
        } else {
            self.send(MqttPacket::V3(v3::Packet::Unsubscribe {
                packet_id,
                topic_filters,
            }))
            .await;
        }
        match self.receive().await {
            MqttPacket::V3(v3::Packet::UnsubscribeAck { .. })
            | MqttPacket::V5(v5::Packet::UnsubscribeAck(_)) => {}
            other => panic!("not an UNSUBACK: {other:?}"),
        }
    }

    /// Publishes without waiting; returns the packet id at QoS 1.
    pub(crate) async fn publish(&mut self, topic: &str, payload: &str, qos: u8) -> Option<u16> {
        let publish = self.publish_packet(topic, payload, qos, false);
        let id = publish.packet_id.map(|id| id.get());
        self.send_publish(publish).await;
        id
    }

    pub(crate) fn publish_packet(
        &mut self,
        topic: &str,
        payload: &str,
        qos: u8,
        retain: bool,
    ) -> Publish {
        Publish {
            dup: false,
            retain,
            qos: level(qos),
            topic: topic.into(),
            packet_id: (qos > 0).then(|| self.next_id()),
            payload: Bytes::copy_from_slice(payload.as_bytes()),
            properties: None,
        }
    }

    pub(crate) async fn send_publish(&mut self, publish: Publish) {
        let packet = Box::new(publish);
        if self.is_five() {
            self.send(MqttPacket::V5(v5::Packet::Publish(packet))).await;
        } else {
            self.send(MqttPacket::V3(v3::Packet::Publish(packet))).await;
        }
    }

    /// Publishes at QoS 1 and waits for its PUBACK; returns the code (0 in 3.x).
    pub(crate) async fn publish_acked(&mut self, topic: &str, payload: &str, retain: bool) -> u8 {
        let publish = self.publish_packet(topic, payload, 1, retain);
        let id = publish.packet_id.unwrap().get();
        self.send_publish(publish).await;
        let (acked, code) = self.puback().await;
        assert_eq!(acked, id);
        code
    }

    /// The next packet, which must be a PUBACK: its packet id and code.
    pub(crate) async fn puback(&mut self) -> (u16, u8) {
        match self.receive().await {
            MqttPacket::V3(v3::Packet::PublishAck { packet_id }) => (packet_id.get(), 0),
            MqttPacket::V5(v5::Packet::PublishAck(ack)) => {
                (ack.packet_id.get(), ack.reason_code.into())
            }
            other => panic!("not a PUBACK: {other:?}"),
        }
    }

    /// The next packet, which must be a PUBLISH. Not acknowledged.
    pub(crate) async fn message(&mut self) -> Publish {
        match self.receive().await {
            MqttPacket::V3(v3::Packet::Publish(publish))
            | MqttPacket::V5(v5::Packet::Publish(publish)) => *publish,
            other => panic!("not a PUBLISH: {other:?}"),
        }
    }

    /// The next message's payload; acknowledged if it is QoS 1.
    pub(crate) async fn text(&mut self) -> String {
        let publish = self.message().await;
        self.ack(&publish).await;
        String::from_utf8(publish.payload.to_vec()).unwrap()
    }

    pub(crate) async fn ack(&mut self, publish: &Publish) {
        let Some(packet_id) = publish.packet_id else {
            return;
        };
        if self.is_five() {
            let ack = v5::PublishAck {
                packet_id,
                reason_code: v5::PublishAckReason::Success,
                properties: vec![],
                reason_string: None,
            };
            self.send(MqttPacket::V5(v5::Packet::PublishAck(ack))).await;
        } else {
            self.send(MqttPacket::V3(v3::Packet::PublishAck { packet_id }))
                .await;
        }
    }

    /// PINGREQ and PINGRESP: everything sent before is handled, nothing else came before.
    pub(crate) async fn settle(&mut self) {
        if self.is_five() {
            self.send(MqttPacket::V5(v5::Packet::PingRequest)).await;
        } else {
            self.send(MqttPacket::V3(v3::Packet::PingRequest)).await;
        }
        match self.receive().await {
            MqttPacket::V3(v3::Packet::PingResponse) | MqttPacket::V5(v5::Packet::PingResponse) => {
            }
            other => panic!("not a PINGRESP: {other:?}"),
        }
    }

    pub(crate) async fn disconnect(mut self) {
        if self.is_five() {
            self.send(MqttPacket::V5(v5::Packet::Disconnect(Default::default())))
                .await;
        } else {
            self.send(MqttPacket::V3(v3::Packet::Disconnect)).await;
        }
        assert_eq!(self.closed().await, None);
    }
}

pub(crate) fn level(qos: u8) -> QoS {
    QoS::try_from(qos).unwrap()
}

fn connect_packet(hello: &Hello) -> MqttPacket {
    let username = Some(ByteString::from(hello.user.as_str()));
    let password = Some(Bytes::from_static(b"secret"));
    let client_id = ByteString::from(hello.client.as_str());
    if hello.speaks == Speaks::V5 {
        return MqttPacket::V5(v5::Packet::Connect(Box::new(v5::Connect {
            clean_start: hello.clean,
            keep_alive: hello.keep_alive,
            session_expiry_interval_secs: hello.life_secs,
            topic_alias_max: hello.aliases_max,
            receive_max: hello.receive_max.and_then(NonZeroU16::new),
            max_packet_size: hello.packet_max.and_then(std::num::NonZeroU32::new),
            last_will: hello
                .will
                .as_ref()
                .map(|(topic, payload, retain)| v5::LastWill {
                    qos: level(hello.will_qos),
                    retain: *retain,
                    topic: topic.as_str().into(),
                    message: Bytes::copy_from_slice(payload.as_bytes()),
                    will_delay_interval_sec: hello.will_delay_secs,
                    correlation_data: None,
                    message_expiry_interval: None,
                    content_type: None,
                    user_properties: vec![],
                    is_utf8_payload: None,
                    response_topic: None,
                }),
            client_id,
            username,
            password,
            ..Default::default()
        })));
    }
    MqttPacket::V3(v3::Packet::Connect(Box::new(v3::Connect {
        protocol: Protocol(if hello.speaks == Speaks::V31 { 3 } else { 4 }),
        clean_session: hello.clean,
        keep_alive: hello.keep_alive,
        last_will: hello
            .will
            .as_ref()
            .map(|(topic, payload, retain)| v3::LastWill {
                qos: level(hello.will_qos),
                retain: *retain,
                topic: topic.as_str().into(),
                message: Bytes::copy_from_slice(payload.as_bytes()),
            }),
        client_id,
        username,
        password,
        cert: None,
    })))
}
