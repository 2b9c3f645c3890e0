//! Any bytes, in any pieces: no panic, the same messages however they were cut, and what is read is
//! written and read again.

use std::collections::BTreeSet;

use dialect_smartbox::wire::{Message, Profile, decode, encode};
use testkit::fuzz::{Chance, Feed, Target, hash, run};

use crate::cast::{heard, messages};
use crate::framing::read;

const FAULTS: [&[u8]; 6] = [
    b"\0",
    b"\r\n\0\r\n",
    b"{\"name\":\"call_end\"}\0",
    b"[[[[",
    b"1e999",
    b"\\u0000",
];
const NAMES: [&str; 13] = [
    "call_req",
    "call_accept",
    "call_reject",
    "call_end",
    "call_keep",
    "open_door",
    "join_family",
    "join_accept",
    "join_reject",
    "emergency",
    "seczone_emergency",
    "emergency_ack",
    "call_in",
];
const KEYS: [&str; 15] = [
    "sid",
    "src",
    "dest",
    "id",
    "type",
    "ip",
    "port",
    "code",
    "reason",
    "message",
    "token",
    "room_id",
    "name",
    "audiostreamid",
    "video_stream_id",
];
const TEXTS: [&str; 6] = ["c-1", "", "11.0.0.1", "3", "line_busy", "\\u95e8\\u0007"];
const NUMBERS: [&str; 6] = ["0", "3", "-1", "65536", "1.5", "99999999999999999999"];

#[test]
fn any_bytes_in_any_pieces_are_read_or_refused() {
    run(&Target {
        home: env!("CARGO_MANIFEST_DIR"),
        name: "smartbox",
        make,
        play,
    });
}

/// `size of pieces, bytes...`
fn play(input: &[u8]) -> u64 {
    let mut feed = Feed(input);
    let piece = 1 + feed.below(40);

    let whole = read(feed.0, usize::MAX);
    let pieces = read(feed.0, piece);

    assert_eq!(whole, pieces, "pieces of {piece} bytes");
    // Order and number are not new; which kinds there were is.
    let seen: BTreeSet<String> = whole.0.iter().map(|frame| sight(frame)).collect();
    hash(Vec::from_iter(seen).join(" ").as_bytes())
}

/// What kind of message it is, or what is wrong with it.
fn sight(frame: &[u8]) -> String {
    let frame = match decode(frame) {
        Ok(frame) => frame,
        Err(fault) => return fault.to_string(),
    };
    for profile in Profile::ALL {
        let bytes = encode(&frame.message, "1", profile);
        let again = decode(&bytes[..bytes.len() - 1]).expect("what we write can be read");
        assert_eq!(again.message, heard(&frame.message, profile));
    }
    let shown = format!("{:?}", frame.message);
    let end = shown.find(['(', ' ']).unwrap_or(shown.len());
    let set = shown.matches("Some(").count();
    format!("{} {set}", &shown[..end])
}

/// A few frames, mostly of a right shape.
fn make(chance: &mut Chance) -> Vec<u8> {
    let mut input = vec![chance.byte()];
    for _ in 0..1 + chance.below(3) {
        let profile = chance.pick(&Profile::ALL);
        let mut all = messages(profile);
        match chance.below(3) {
            0 => {
                let one = all.swap_remove(chance.below(all.len())).1;
                input.extend_from_slice(&encode(&one, "7", profile));
            }
            _ => input.extend(made(chance)),
        }
    }
    if chance.below(3) == 0 {
        let other = chance.pick(&FAULTS);
        chance.change(&mut input, other);
    }
    input
}

fn made(chance: &mut Chance) -> Vec<u8> {
    let name = chance.pick(&NAMES);
    let values = value(chance, 3);
    let space = chance.pick(&["", " ", "\r\n"]);
    let head = chance.pick(&["name", "name", "method"]);
    let body = chance.pick(&["values", "values", "params"]);
    let id = value(chance, 0);
    format!("{space}{{\"id\":{id},\"{head}\":\"{name}\",\"{body}\":{values}}}{space}\0").into()
}

/// Any JSON, objects mostly, at most so deep.
fn value(chance: &mut Chance, deep: usize) -> String {
    match chance.below(if deep == 0 { 4 } else { 9 }) {
        0 | 1 => format!("\"{}\"", chance.pick(&TEXTS)),
        2 => chance.pick(&NUMBERS).to_owned(),
        3 => chance.pick(&["null", "true"]).to_owned(),
        4 => format!("[{}]", value(chance, deep - 1)),
        _ => {
            let fields = (0..chance.below(5)).map(|_| {
                let key = chance.pick(&KEYS);
                format!("\"{key}\":{}", value(chance, deep - 1))
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
    }
}

#[test]
fn the_generator_makes_messages_that_are_read() {
    let mut chance = Chance::new(7);

    let inputs: Vec<Vec<u8>> = (0..400).map(|_| make(&mut chance)).collect();

    let frames: Vec<Vec<u8>> = inputs
        .iter()
        .flat_map(|input| read(&input[1.min(input.len())..], usize::MAX).0)
        .collect();
    let read: Vec<Message> = frames
        .iter()
        .filter_map(|frame| Some(decode(frame).ok()?.message))
        .collect();
    for (name, message) in messages(Profile::V05) {
        let kind = std::mem::discriminant(&message);
        let is_there = |one: &Message| std::mem::discriminant(one) == kind;
        assert!(read.iter().any(is_there), "no {name}");
    }
}
