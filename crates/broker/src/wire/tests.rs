//! What is encoded by hand is read back by the codec; what strangers send never panics.
//! The codec is the independent other side of the encoding by hand.

use std::num::{NonZeroU16, NonZeroU32};

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use rmqtt_codec::types::{Publish, QoS};
use rmqtt_codec::v5::PublishProperties;
use rmqtt_codec::{v3, v5};
use tokio_util::codec::Decoder as _;

use super::*;
use crate::link::Version;

fn read_v3(mut bytes: BytesMut) -> v3::Packet {
    let (packet, _) = v3::Codec::new(0)
        .decode(&mut bytes)
        .expect("valid")
        .expect("whole");
    assert!(bytes.is_empty());
    packet
}

fn read_v5(mut bytes: BytesMut) -> v5::Packet {
    let (packet, _) = v5::Codec::new(0, 0)
        .decode(&mut bytes)
        .expect("valid")
        .expect("whole");
    assert!(bytes.is_empty());
    packet
}

proptest! {
    #[test]
    fn a_publish_reads_back_as_written(
        (qos, packet) in prop_oneof![
            Just((0, None)),
            (1_u8..3, 1_u16..).prop_map(|(qos, packet)| (qos, Some(packet))),
        ],
        alias in proptest::option::of(1_u16..),
        again: bool,
        retain: bool,
        expiry_secs in proptest::option::of(1_u32..),
        identifiers in prop::collection::vec(1_u32..268_435_456, 0..3),
        topic in "[a-z/]{1,40}",
        payload in prop::collection::vec(any::<u8>(), 0..20_000),
    ) {
        let head =
            Head { qos, packet, again, retain, expiry_secs, alias, properties: &[], identifiers: &identifiers };
        let mut wanted = Publish {
            dup: again,
            retain,
            qos: QoS::try_from(qos).expect("0 to 2"),
            topic: topic.clone().into(),
            packet_id: packet.and_then(NonZeroU16::new),
            payload: Bytes::from(payload.clone()),
            properties: None,
        };
        for version in [Version::V311, Version::V5] {
            let mut out = BytesMut::new();
            publish(&mut out, version, &head, &topic, &payload);
            prop_assert_eq!(out.len(), publish_bytes(version, &head, &topic, &payload));
            if version == Version::V5 {
                wanted.properties = Some(PublishProperties {
                    topic_alias: alias.and_then(NonZeroU16::new),
                    message_expiry_interval: expiry_secs.and_then(NonZeroU32::new),
                    subscription_ids:
                        identifiers.iter().filter_map(|id| NonZeroU32::new(*id)).collect(),
                    ..Default::default()
                });
                prop_assert_eq!(read_v5(out), v5::Packet::Publish(Box::new(wanted.clone())));
            } else {
                prop_assert_eq!(read_v3(out), v3::Packet::Publish(Box::new(wanted.clone())));
            }
        }
    }

    #[test]
    fn random_bytes_never_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..200),
        first in prop::sample::select(vec![0x10_u8, 0x30, 0x32, 0x34, 0x40, 0x50, 0x62, 0x70, 0x82, 0xA2, 0xC0, 0xE0, 0xF0]),
        is_long: bool,
    ) {
        if let [kind, length, ..] = &mut bytes[..] {
            *kind = first;
            *length = if is_long { *length } else { 30 };
        }
        for version in [Version::V311, Version::V5] {
            let mut decoder = Decoder::new(version, 1000, 4);
            let mut inbox = BytesMut::from(&bytes[..]);
            while let Ok(Some(_)) = decoder.decode(&mut inbox) {}
        }
    }

    #[test]
    fn random_connects_never_panic_whole_or_in_pieces(
        level in 3_u8..6,
        tail in prop::collection::vec(any::<u8>(), 0..100),
        is_old: bool,
    ) {
        let name: &[u8] = if is_old { b"\0\x06MQIsdp" } else { b"\0\x04MQTT" };
        let body = [name, &[level], &tail].concat();
        let length = u8::try_from(body.len()).expect("short");
        let whole = [&[0x10, length][..], &body].concat();
        for end in 0..=whole.len() {
            let mut inbox = BytesMut::from(&whole[..end]);
            let answer = decode_connect(&mut inbox, 1000);
            prop_assert!(end == whole.len() || !matches!(answer, Ok(Some(_))));
        }
    }
}

#[test]
fn small_packets_read_back_as_written() {
    let packet_id = NonZeroU16::new(300).expect("not zero");
    let write = |encode: &dyn Fn(&mut BytesMut)| {
        let mut out = BytesMut::new();
        encode(&mut out);
        out
    };

    let ack = read_v3(write(&|out| {
        answer(out, Version::V311, Answer::Ack, 300, 0x87)
    }));
    assert_eq!(ack, v3::Packet::PublishAck { packet_id });
    let ack = read_v5(write(&|out| {
        answer(out, Version::V5, Answer::Ack, 300, 0x87)
    }));
    let v5::Packet::PublishAck(ack) = ack else {
        panic!("{ack:?}")
    };
    assert_eq!(
        (ack.packet_id, u8::from(ack.reason_code)),
        (packet_id, 0x87)
    );
    let ack = read_v3(write(&|out| {
        answer(out, Version::V31, Answer::Rel, 300, 0x92)
    }));
    assert_eq!(ack, v3::Packet::PublishRelease { packet_id });
    for kind in [Answer::Rel, Answer::Comp] {
        let ack = read_v5(write(&|out| answer(out, Version::V5, kind, 300, 0x92)));
        let (v5::Packet::PublishRelease(ack) | v5::Packet::PublishComplete(ack)) = ack else {
            panic!("{ack:?}")
        };
        assert_eq!(
            (ack.packet_id, u8::from(ack.reason_code)),
            (packet_id, 0x92)
        );
    }
    let ack = read_v3(write(&|out| suback(out, Version::V31, 300, &[0, 1, 0x97])));
    let v3::Packet::SubscribeAck { status, .. } = ack else {
        panic!("{ack:?}")
    };
    assert_eq!(status[2], v3::SubscribeReturnCode::Failure);
    let ack = read_v5(write(&|out| suback(out, Version::V5, 300, &[0x8F; 200])));
    assert!(matches!(ack, v5::Packet::SubscribeAck(ack) if ack.status.len() == 200));
    let ack = read_v5(write(&|out| unsuback(out, Version::V5, 300, &[0, 0x11])));
    assert!(matches!(ack, v5::Packet::UnsubscribeAck(ack) if ack.status.len() == 2));
    let ack = read_v3(write(&|out| unsuback(out, Version::V31, 300, &[0, 0x11])));
    assert_eq!(ack, v3::Packet::UnsubscribeAck { packet_id });
}

#[test]
fn a_disconnect_exists_only_in_v5() {
    let mut out = BytesMut::new();
    disconnect(&mut out, Version::V311, Fault::STOPPING);
    assert!(out.is_empty());

    disconnect(&mut out, Version::V5, Fault::STOPPING);

    let packet = read_v5(out);
    assert!(
        matches!(packet, v5::Packet::Disconnect(packet) if u8::from(packet.reason_code) == 0x8B)
    );
}

#[test]
fn an_empty_client_id_reaches_the_broker_with_its_own_clean_flag() {
    for (level, flags, clean) in [(4, 0, false), (4, 2, true)] {
        let mut inbox = BytesMut::from(
            &[
                0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', level, flags, 0, 9, 0, 0,
            ][..],
        );

        let opening = decode_connect(&mut inbox, 100)
            .ok()
            .flatten()
            .expect("a CONNECT");

        assert_eq!(
            (opening.clean, opening.keep_alive, &*opening.client),
            (clean, 9, "")
        );
        assert_eq!(opening.life_secs, if clean { 0 } else { u32::MAX });
    }
}

#[test]
fn what_follows_connect_stays_in_the_buffer() {
    let connect = [
        0x10, 13, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0, 0, 1, b'x', 0xC0, 0,
    ];
    let mut inbox = BytesMut::from(&connect[..]);

    assert!(matches!(decode_connect(&mut inbox, 100), Ok(Some(_))));

    assert_eq!(&inbox[..], [0xC0, 0]);
}
