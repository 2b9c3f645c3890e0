//! Any bytes, in any pieces, as one connection sends them: no panic, the same packets however they
//! were cut, no more buffered than one packet, and what an encoder exists for reads back.

use bytes::{Bytes, BytesMut};
use testkit::fuzz::{Chance, Feed, Target, hash, run};

use super::encode::{Answer, answer};
use super::publish::{Head, publish};
use super::{Decoder, Fault, Packet, Published, decode_connect};
use crate::link::Version;

const BYTES_MAX: u32 = 120;
/// Type, length of at most four bytes.
const HEADER_BYTES_MAX: usize = 5;
const ALIASES_MAX: u16 = 3;
const VERSIONS: [Version; 3] = [Version::V31, Version::V311, Version::V5];

#[test]
fn any_bytes_in_any_pieces_are_decoded_or_refused() {
    run(&Target {
        home: env!("CARGO_MANIFEST_DIR"),
        name: "decoder",
        make,
        play,
    });
}

/// `version, size of pieces, bytes...`; with a version above 2 the bytes begin with CONNECT.
fn play(input: &[u8]) -> u64 {
    let (first, piece, bytes) = split(input);

    let whole = read(first, bytes, bytes.len().max(1));
    let pieces = read(first, bytes, piece);

    assert_eq!(whole, pieces, "pieces of {piece} bytes");
    let kinds: Vec<String> = whole.iter().map(|line| kind(line)).collect();
    hash(kinds.join(" ").as_bytes())
}

fn split(input: &[u8]) -> (usize, usize, &[u8]) {
    let mut feed = Feed(input);
    (feed.below(6), 1 + feed.below(40), feed.0)
}

/// A line without its numbers and texts.
fn kind(line: &str) -> String {
    let end = line.find([' ', '{']).unwrap_or(line.len());
    line[..end].to_owned()
}

/// What one connection reads, up to its first fault.
fn read(first: usize, bytes: &[u8], piece: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut decoder = VERSIONS.get(first).map(|version| decoder(*version));
    let mut version = VERSIONS.get(first).copied().unwrap_or(Version::V311);
    let mut inbox = BytesMut::new();
    for part in bytes.chunks(piece) {
        inbox.extend_from_slice(part);
        loop {
            let line = match &mut decoder {
                None => match decode_connect(&mut inbox, BYTES_MAX) {
                    Ok(None) => break,
                    Ok(Some(opening)) => {
                        version = opening.version;
                        decoder = Some(self::decoder(version));
                        format!("Connect {version:?} {} {}", opening.client, opening.clean)
                    }
                    Err(fault) => return ended(lines, fault),
                },
                Some(decoder) => match decoder.decode(&mut inbox) {
                    Ok(None) => break,
                    Ok(Some(packet)) => {
                        reads_back(version, &packet);
                        format!("{packet:?}")
                    }
                    Err(fault) => return ended(lines, fault),
                },
            };
            lines.push(line);
        }
        let bound = BYTES_MAX as usize + HEADER_BYTES_MAX + piece;
        assert!(inbox.len() <= bound, "{} bytes wait", inbox.len());
    }
    lines
}

fn decoder(version: Version) -> Decoder {
    Decoder::new(version, BYTES_MAX, ALIASES_MAX)
}

fn ended(mut lines: Vec<String>, fault: Fault) -> Vec<String> {
    lines.push(format!("{fault:?}"));
    lines
}

/// The encoder and the decoder mean the same.
fn reads_back(version: Version, packet: &Packet) {
    let mut out = BytesMut::new();
    match packet {
        Packet::Publish(published) => put(&mut out, version, published),
        Packet::PubAck { packet, taken } => {
            let code = if *taken { 0 } else { 0x87 };
            answer(&mut out, version, Answer::Ack, *packet, code);
        }
        Packet::PubRec { packet, taken } => {
            let code = if *taken { 0 } else { 0x87 };
            answer(&mut out, version, Answer::Rec, *packet, code);
        }
        Packet::PubRel { packet } => answer(&mut out, version, Answer::Rel, *packet, 0),
        Packet::PubComp { packet } => answer(&mut out, version, Answer::Comp, *packet, 0),
        Packet::Subscribe { .. }
        | Packet::Unsubscribe { .. }
        | Packet::Ping
        | Packet::Disconnect { .. } => return,
    }
    let again = Decoder::new(version, u32::MAX, 0).decode(&mut out);
    assert_eq!(
        format!("{packet:?}"),
        format!("{:?}", again.unwrap().unwrap())
    );
    assert!(out.is_empty());
}

fn put(out: &mut BytesMut, version: Version, published: &Published) {
    let head = Head {
        qos: published.qos,
        packet: published.packet,
        retain: published.retain,
        expiry_secs: published.expiry_secs,
        properties: &published.properties,
        ..Head::default()
    };
    publish(out, version, &head, &published.topic, &published.payload);
}

/// A few packets, mostly of a right shape.
fn make(chance: &mut Chance) -> Vec<u8> {
    let first = chance.below(6);
    let mut input = vec![first.to_le_bytes()[0], chance.byte()];
    let mut is_five = first % 3 == 2;
    if first > 2 {
        is_five = put_connect(chance, &mut input);
    }
    for _ in 0..1 + chance.below(4) {
        put_packet(chance, is_five, &mut input);
    }
    if chance.below(3) == 0 {
        chance.change(&mut input, &[0xFF, 0x7F, 0x30, 0, 1]);
    }
    input
}

fn put_connect(chance: &mut Chance, input: &mut Vec<u8>) -> bool {
    let level = [3, 4, 5, 5][chance.below(4)];
    let mut body = text(if level == 3 { b"MQIsdp" } else { b"MQTT" });
    // A will, a name, a password, a clean start; each or none.
    let flags = [0x02, 0x00, 0xC2, 0x06, 0x36, 0xEE, 0x03][chance.below(7)];
    body.extend([level, flags, 0, chance.byte()]);
    if level == 5 {
        body.extend(properties(chance, &[0x11, 0x21, 0x27, 0x22, 0x26, 0x17]));
    }
    body.extend(text(&b"client"[..chance.below(7)]));
    if flags & 4 != 0 {
        if level == 5 {
            body.extend(properties(chance, &[0x18, 0x01, 0x02, 0x03]));
        }
        body.extend([text(b"will/t"), text(b"bye")].concat());
    }
    if flags & 0x80 != 0 {
        body.extend([text(b"name"), text(b"word")].concat());
    }
    put_body(input, 0x10, &body);
    level == 5
}

fn put_packet(chance: &mut Chance, is_five: bool, input: &mut Vec<u8>) {
    let id = [0, [1, 7, 0][chance.below(3)]];
    let qos = chance.below(4).to_le_bytes()[0];
    let mut body = Vec::new();
    let first = [
        0x30, 0x30, 0x30, 0x40, 0x50, 0x62, 0x70, 0x82, 0xA2, 0xC0, 0xE0,
    ][chance.below(11)];
    if first != 0x30 && first < 0xC0 {
        body.extend(id);
    }
    match first {
        0x30 => {
            let topic: &[u8] =
                [&b"a"[..], b"a/b", b"", b"+", b"\xC3\xA9", b"\xFF"][chance.below(6)];
            body.extend(text(topic));
            body.extend(if qos > 0 { &id[..] } else { &[] });
            if is_five {
                body.extend(properties(
                    chance,
                    &[0x23, 0x23, 0x02, 0x01, 0x03, 0x08, 0x09, 0x26, 0x0B],
                ));
            }
            body.extend(chance.bytes(20));
            let flags = qos << 1 | [0, 1, 8, 9][chance.below(4)];
            return put_body(input, first | flags, &body);
        }
        0x82 | 0xA2 => {
            if is_five {
                body.extend(properties(chance, &[0x0B, 0x26]));
            }
            for _ in 0..chance.below(3) {
                body.extend(text([&b"a/+"[..], b"#", b"$share/g/a"][chance.below(3)]));
                body.extend((first == 0x82).then(|| [0, 1, 2, 5, 0x2A, 3][chance.below(6)]));
            }
        }
        0xC0 => {}
        _ if is_five && chance.below(2) == 0 => {
            body.extend([[0, 0x10, 0x87, 0x92, 4][chance.below(5)]]);
            body.extend(properties(chance, &[0x1F, 0x26, 0x11]));
        }
        _ => {}
    }
    put_body(input, first, &body);
}

fn put_body(input: &mut Vec<u8>, first: u8, body: &[u8]) {
    let mut out = BytesMut::new();
    super::publish::put_length(&mut out, body.len());
    input.push(first);
    input.extend_from_slice(&out);
    input.extend_from_slice(body);
}

fn text(bytes: &[u8]) -> Vec<u8> {
    [&[0, bytes.len().to_le_bytes()[0]], bytes].concat()
}

/// At most two of these v5 properties, with their length.
fn properties(chance: &mut Chance, ids: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..chance.below(3) {
        let id = ids[chance.below(ids.len())];
        out.push(id);
        out.extend(match id {
            0x01 | 0x17 => vec![1],
            0x0B => vec![chance.byte()],
            0x21..=0x23 => vec![0, chance.byte() % 5],
            0x02 | 0x11 | 0x18 | 0x27 => vec![0, 0, 0, chance.byte()],
            0x26 => [text(b"key"), text(b"value")].concat(),
            _ => text(b"text"),
        });
    }
    out.insert(0, out.len().to_le_bytes()[0]);
    out
}

#[test]
fn the_generator_makes_packets_that_are_taken() {
    let mut chance = Chance::new(7);

    let inputs: Vec<Bytes> = (0..200).map(|_| make(&mut chance).into()).collect();

    let taken = |kind: &str| {
        let mut lines = inputs.iter().flat_map(|input| {
            let (first, piece, bytes) = split(input);
            read(first, bytes, piece)
        });
        lines.any(|line| line.starts_with(kind))
    };
    for kind in [
        "Connect V5",
        "Publish",
        "PubRel",
        "Subscribe",
        "Unsubscribe",
        "Disconnect",
    ] {
        assert!(taken(kind), "no {kind}");
    }
}
