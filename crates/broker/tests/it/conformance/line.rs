//! Packets as lines, the same for what is sent and what is read:
//!
//! ```text
//! connect [keep] [life=S] [max=N] [bytes=N] [aliases=N] [will=topic=payload] [willqos=N] [delay=S]
//! connack PRESENT CODE
//! [dup ][retain ]publish [#ID|##ID ]topic=payload [alias=N] [ids=N,N] [expiry=S]     # QoS 1, ## 2
//! puback|pubrec|pubrel|pubcomp ID [CODE]
//! subscribe ID filter:QOS[n][p][1|2] ... [id=N]      n no local, p as published, 1/2 retain handling
//! suback ID CODE ...    unsubscribe ID filter ...    unsuback ID CODE ...
//! ping    pong    disconnect [CODE] [life=S]    bytes HEX ...    closed
//! ```
//! Codes are hexadecimal. 3.x has no code in UNSUBACK.

use std::num::{NonZeroU16, NonZeroU32};

use bytes::Bytes;
use rmqtt_codec::types::Publish;
use rmqtt_codec::v5::{PublishProperties, RetainHandling, SubscriptionOptions};
use rmqtt_codec::{MqttPacket, v3, v5};

use crate::client::{Client, Hello, Speaks, hello as plain, level};

/// The packet, or the end of the connection.
pub(crate) fn render(packet: Option<MqttPacket>) -> String {
    match packet {
        None => "closed".to_owned(),
        Some(MqttPacket::V3(packet)) => render_v3(packet),
        Some(MqttPacket::V5(packet)) => render_v5(packet),
        other => panic!("no version: {other:?}"),
    }
}

fn render_v3(packet: v3::Packet) -> String {
    match packet {
        v3::Packet::ConnectAck(ack) => {
            let code: u8 = ack.return_code.into();
            format!("connack {} {code:x}", u8::from(ack.session_present))
        }
        v3::Packet::Publish(publish) => render_publish(&publish),
        v3::Packet::PublishAck { packet_id } => format!("puback {packet_id}"),
        v3::Packet::PublishReceived { packet_id } => format!("pubrec {packet_id}"),
        v3::Packet::PublishRelease { packet_id } => format!("pubrel {packet_id}"),
        v3::Packet::PublishComplete { packet_id } => format!("pubcomp {packet_id}"),
        v3::Packet::SubscribeAck { packet_id, status } => {
            let codes = status.into_iter().map(|one| match one {
                v3::SubscribeReturnCode::Success(qos) => qos.value(),
                v3::SubscribeReturnCode::Failure => 0x80,
            });
            format!("suback {packet_id}{}", hex(codes))
        }
        v3::Packet::UnsubscribeAck { packet_id } => format!("unsuback {packet_id}"),
        v3::Packet::PingResponse => "pong".to_owned(),
        other => format!("{other:?}"),
    }
}

fn render_v5(packet: v5::Packet) -> String {
    match packet {
        v5::Packet::ConnectAck(ack) => {
            let code: u8 = ack.reason_code.into();
            format!("connack {} {code:x}", u8::from(ack.session_present))
        }
        v5::Packet::Publish(publish) => render_publish(&publish),
        v5::Packet::PublishAck(ack) => answer("puback", ack.packet_id, ack.reason_code.into()),
        v5::Packet::PublishReceived(ack) => answer("pubrec", ack.packet_id, ack.reason_code.into()),
        v5::Packet::PublishRelease(ack) => answer("pubrel", ack.packet_id, ack.reason_code.into()),
        v5::Packet::PublishComplete(ack) => {
            answer("pubcomp", ack.packet_id, ack.reason_code.into())
        }
        v5::Packet::SubscribeAck(ack) => {
            let codes = ack.status.into_iter().map(u8::from);
            format!("suback {}{}", ack.packet_id, hex(codes))
        }
        v5::Packet::UnsubscribeAck(ack) => {
            let codes = ack.status.into_iter().map(u8::from);
            format!("unsuback {}{}", ack.packet_id, hex(codes))
        }
        v5::Packet::PingResponse => "pong".to_owned(),
        v5::Packet::Disconnect(packet) => format!("disconnect {:x}", u8::from(packet.reason_code)),
        other => format!("{other:?}"),
    }
}

fn answer(name: &str, packet: NonZeroU16, code: u8) -> String {
    match code {
        0 => format!("{name} {packet}"),
        code => format!("{name} {packet} {code:x}"),
    }
}

fn hex(codes: impl Iterator<Item = u8>) -> String {
    codes.map(|code| format!(" {code:x}")).collect()
}

fn render_publish(publish: &Publish) -> String {
    let mut line = String::new();
    line += if publish.dup { "dup " } else { "" };
    line += if publish.retain { "retain " } else { "" };
    line += "publish ";
    if let Some(packet) = publish.packet_id {
        line += &format!("{}{packet} ", "#".repeat(publish.qos.value().into()));
    }
    let payload = String::from_utf8_lossy(&publish.payload);
    line += &format!("{}={payload}", publish.topic);
    let properties = publish.properties.clone().unwrap_or_default();
    if let Some(alias) = properties.topic_alias {
        line += &format!(" alias={alias}");
    }
    let mut ids = properties.subscription_ids;
    ids.sort_unstable();
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    if !ids.is_empty() {
        line += &format!(" ids={}", ids.join(","));
    }
    if let Some(secs) = properties.message_expiry_interval {
        line += &format!(" expiry={secs}");
    }
    line
}

/// What a `connect` line asks for, without its first word.
pub(super) fn hello(speaks: Speaks, client: &str, wishes: &str) -> Hello {
    let mut hello = plain(speaks, client);
    for wish in wishes.split_whitespace() {
        match wish.split_once('=').unwrap_or((wish, "")) {
            ("keep", _) => (hello.clean, hello.life_secs) = (false, 3600),
            ("life", secs) => hello.life_secs = secs.parse().unwrap(),
            ("max", max) => hello.receive_max = Some(max.parse().unwrap()),
            ("bytes", max) => hello.packet_max = Some(max.parse().unwrap()),
            ("aliases", max) => hello.aliases_max = max.parse().unwrap(),
            ("will", will) => {
                let (topic, payload) = will.split_once('=').unwrap();
                hello.will = Some((topic.into(), payload.into(), false));
            }
            ("willqos", qos) => hello.will_qos = qos.parse().unwrap(),
            ("delay", secs) => hello.will_delay_secs = Some(secs.parse().unwrap()),
            (other, _) => panic!("unknown wish {other}"),
        }
    }
    hello
}

/// Sends one line but `connect`.
pub(super) async fn send(client: &mut Client, speaks: Speaks, line: &str) {
    let mut words = line.split_whitespace();
    let mut first = words.next().unwrap();
    let (mut dup, mut retain) = (false, false);
    while let "dup" | "retain" = first {
        dup |= first == "dup";
        retain |= first == "retain";
        first = words.next().unwrap();
    }
    let words: Vec<&str> = words.collect();
    if first == "bytes" {
        let byte = |word: &&str| u8::from_str_radix(word, 16).unwrap();
        let bytes: Vec<u8> = words.iter().map(byte).collect();
        return client.send_bytes(&bytes).await;
    }
    if first == "publish" {
        return client.send_publish(publish(dup, retain, &words)).await;
    }
    client
        .send(if speaks == Speaks::V5 {
            MqttPacket::V5(packet_v5(first, &words))
        } else {
            MqttPacket::V3(packet_v3(first, &words))
        })
        .await;
}

fn publish(dup: bool, retain: bool, words: &[&str]) -> Publish {
    let id = words[0].trim_start_matches('#');
    let qos = words[0].len() - id.len();
    let rest = &words[usize::from(qos > 0)..];
    let (topic, payload) = rest[0].split_once('=').unwrap();
    let mut properties = PublishProperties::default();
    for word in &rest[1..] {
        match word.split_once('=').unwrap() {
            ("alias", alias) => properties.topic_alias = Some(alias.parse().unwrap()),
            ("expiry", secs) => properties.message_expiry_interval = Some(secs.parse().unwrap()),
            (other, _) => panic!("unknown property {other}"),
        }
    }
    Publish {
        dup,
        retain,
        qos: level(u8::try_from(qos).unwrap()),
        topic: topic.into(),
        packet_id: (qos > 0).then(|| number(id)),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        properties: Some(properties),
    }
}

fn number(word: &str) -> NonZeroU16 {
    word.parse().unwrap()
}

fn packet_v3(first: &str, words: &[&str]) -> v3::Packet {
    let packet_id = || number(words[0]);
    match first {
        "puback" => v3::Packet::PublishAck {
            packet_id: packet_id(),
        },
        "pubrec" => v3::Packet::PublishReceived {
            packet_id: packet_id(),
        },
        "pubrel" => v3::Packet::PublishRelease {
            packet_id: packet_id(),
        },
        "pubcomp" => v3::Packet::PublishComplete {
            packet_id: packet_id(),
        },
        "subscribe" => v3::Packet::Subscribe {
            packet_id: packet_id(),
            topic_filters: words[1..]
                .iter()
                .map(|word| {
                    let (filter, qos) = word.rsplit_once(':').unwrap();
                    (filter.into(), level(qos.parse().unwrap()))
                })
                .collect(),
        },
        "unsubscribe" => v3::Packet::Unsubscribe {
            packet_id: packet_id(),
            topic_filters: words[1..].iter().map(|word| (*word).into()).collect(),
        },
        "ping" => v3::Packet::PingRequest,
        "disconnect" => v3::Packet::Disconnect,
        other => panic!("unknown packet {other}"),
    }
}

fn packet_v5(first: &str, words: &[&str]) -> v5::Packet {
    let packet_id = || number(words[0]);
    let code = |at: usize| match words.get(at) {
        Some(word) => u8::from_str_radix(word, 16).unwrap(),
        None => 0,
    };
    match first {
        "puback" => v5::Packet::PublishAck(ack(packet_id(), code(1))),
        "pubrec" => v5::Packet::PublishReceived(ack(packet_id(), code(1))),
        "pubrel" => v5::Packet::PublishRelease(ack2(packet_id(), code(1))),
        "pubcomp" => v5::Packet::PublishComplete(ack2(packet_id(), code(1))),
        "subscribe" => v5::Packet::Subscribe(subscribe(packet_id(), &words[1..])),
        "unsubscribe" => v5::Packet::Unsubscribe(v5::Unsubscribe {
            packet_id: packet_id(),
            user_properties: vec![],
            topic_filters: words[1..].iter().map(|word| (*word).into()).collect(),
        }),
        "ping" => v5::Packet::PingRequest,
        "disconnect" => {
            let life = words.iter().find_map(|word| word.strip_prefix("life="));
            let has_code = words.first().is_some_and(|word| !word.contains('='));
            let reason = if has_code { code(0) } else { 0 };
            v5::Packet::Disconnect(v5::Disconnect {
                session_expiry_interval_secs: life.map(|secs| secs.parse().unwrap()),
                ..v5::Disconnect::new(reason.try_into().unwrap())
            })
        }
        other => panic!("unknown packet {other}"),
    }
}

fn ack(packet_id: NonZeroU16, code: u8) -> v5::PublishAck {
    v5::PublishAck {
        packet_id,
        reason_code: code.try_into().unwrap(),
        properties: vec![],
        reason_string: None,
    }
}

fn ack2(packet_id: NonZeroU16, code: u8) -> v5::PublishAck2 {
    v5::PublishAck2 {
        packet_id,
        reason_code: code.try_into().unwrap(),
        properties: vec![],
        reason_string: None,
    }
}

fn subscribe(packet_id: NonZeroU16, words: &[&str]) -> v5::Subscribe {
    let id = words.iter().find_map(|word| word.strip_prefix("id="));
    let filters = words.iter().filter(|word| !word.starts_with("id="));
    v5::Subscribe {
        packet_id,
        id: id.and_then(|id| NonZeroU32::new(id.parse().unwrap())),
        user_properties: vec![],
        topic_filters: filters
            .map(|word| {
                let (filter, how) = word.rsplit_once(':').unwrap();
                let (qos, how) = how.split_at(1);
                let options = SubscriptionOptions {
                    qos: level(qos.parse().unwrap()),
                    no_local: how.contains('n'),
                    retain_as_published: how.contains('p'),
                    retain_handling: match how {
                        how if how.contains('1') => RetainHandling::AtSubscribeNew,
                        how if how.contains('2') => RetainHandling::NoAtSubscribe,
                        _ => RetainHandling::AtSubscribe,
                    },
                };
                (filter.into(), options)
            })
            .collect(),
    }
}
