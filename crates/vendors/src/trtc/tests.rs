//! Credentials against the vendor's vectors, which its Python and Node libraries agree on.
//!
//! Compressed bytes differ between producers, so the signature and the decoded JSON are compared,
//! never the whole text.

use std::io::Read;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use serde_json::{Value, json};

use super::user_sig::{Claims, seal};
use super::*;

const VECTORS: &str = include_str!("../../tests/vectors/usersig.json");

#[test]
fn plain_signatures_equal_the_vendors_vectors() {
    for name in ["plain", "seed000_shape", "zero_expire"] {
        let vector = vector(name);

        let sig = trtc_of(&vector).user_sig(&user_of(&vector), issued_s(&vector), life(&vector));

        assert_eq!(decoded(sig.as_str()), document_of(&vector), "{name}");
    }
}

#[test]
fn a_user_buffer_is_signed_as_in_the_vendors_vector() {
    let vector = vector("userbuf_abc");
    let user = user_of(&vector);

    let text = seal(
        &key_of(&vector),
        &Claims {
            sdk_app_id: app_of(&vector),
            user: &user,
            issued_s: issued_s(&vector),
            life_s: life(&vector).as_secs(),
            userbuf: Some(b"abc"),
        },
    );

    assert_eq!(decoded(&text), document_of(&vector));
}

#[test]
fn a_numeric_rooms_map_key_equals_the_vendors_vector() {
    let vector = vector("pmk_int_room_all");
    let number = u32::try_from(vector["room_id"].as_u64().unwrap()).unwrap();

    let key = map_key(&vector, &Room::integer(number).unwrap());

    assert_eq!(decoded(key.as_str()), document_of(&vector));
}

#[test]
fn a_text_rooms_map_key_equals_the_vendors_vector() {
    let vector = vector("pmk_str_room");
    let room = Room::text(vector["room_id"].as_str().unwrap()).unwrap();

    let key = map_key(&vector, &room);

    assert_eq!(decoded(key.as_str()), document_of(&vector));
}

#[test]
fn the_watch_right_is_42_inside_the_user_buffer() {
    let vector = vector("pmk_int_room_all");

    let key = trtc_of(&vector).private_map_key(
        &user_of(&vector),
        &Room::integer(10_000).unwrap(),
        Privileges::WATCH,
        issued_s(&vector),
        life(&vector),
    );

    let userbuf = STANDARD
        .decode(decoded(key.as_str())["TLS.userbuf"].as_str().unwrap())
        .unwrap();
    assert_eq!(
        userbuf[userbuf.len() - 8..userbuf.len() - 4],
        42_u32.to_be_bytes()
    );
}

#[test]
fn a_far_expiry_is_held_at_the_fields_end() {
    let trtc = Trtc::new(1, TrtcKey::new("k".to_owned()).unwrap());
    let user = TrtcUser::new("u").unwrap();
    let room = Room::integer(1).unwrap();

    let key = trtc.private_map_key(&user, &room, Privileges::ALL, i64::MAX, Duration::MAX);

    let userbuf = STANDARD
        .decode(decoded(key.as_str())["TLS.userbuf"].as_str().unwrap())
        .unwrap();
    assert_eq!(userbuf[12..16], [0xff; 4]);
}

#[test]
fn the_seeds_sample_user_sig_decodes() {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let sample = file["decode_only"][0]["user_sig"].as_str().unwrap();

    let document = decoded(sample);

    assert_eq!(
        document,
        json!({
            "TLS.ver": "2.0",
            "TLS.identifier": "1",
            "TLS.sdkappid": 1_600_084_384,
            "TLS.expire": 86_400,
            "TLS.time": 1_746_870_072,
            "TLS.sig": "x70Lt6flqZFRzwh/2C2ZpjKxQt/NDmp5yxYSEvdbPFE=",
        })
    );
}

#[test]
fn the_text_form_uses_only_the_vendors_alphabet() {
    let vector = vector("plain");

    let sig = trtc_of(&vector).user_sig(&user_of(&vector), issued_s(&vector), life(&vector));

    let allowed = |c: char| c.is_ascii_alphanumeric() || "*-_".contains(c);
    assert!(sig.as_str().chars().all(allowed));
    assert!(sig.as_str().starts_with("eJ"), "zlib at its middle level");
}

#[test]
fn user_ids_outside_the_vendors_rules_are_refused() {
    let longest = "a".repeat(32);
    let longer = "a".repeat(33);

    assert!(TrtcUser::new(&longest).is_ok());
    assert!(TrtcUser::new("dev_01-B").is_ok());
    for text in ["", longer.as_str(), "a b", "叩门", "a\"b", "a.b"] {
        assert_eq!(TrtcUser::new(text), Err(InvalidTrtcUser), "{text}");
    }
}

#[test]
fn rooms_outside_the_vendors_rules_are_refused() {
    let longer = "r".repeat(65);

    assert!(Room::integer(4_294_967_294).is_ok());
    assert!(Room::text("room_1_1_1746870072").is_ok());
    assert_eq!(Room::integer(0), Err(InvalidRoom::Number));
    assert_eq!(Room::integer(u32::MAX), Err(InvalidRoom::Number));
    for text in ["", longer.as_str(), "门", "a/b", "a\nb"] {
        assert_eq!(Room::text(text), Err(InvalidRoom::Text), "{text}");
    }
}

#[test]
fn an_empty_key_is_refused() {
    assert_eq!(TrtcKey::new(String::new()).err(), Some(EmptyTrtcKey));
}

fn vector(name: &str) -> Value {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    vectors
        .iter()
        .find(|vector| vector["name"] == name)
        .unwrap()
        .clone()
}

fn app_of(vector: &Value) -> u32 {
    u32::try_from(vector["sdk_app_id"].as_u64().unwrap()).unwrap()
}

fn key_of(vector: &Value) -> TrtcKey {
    TrtcKey::new(vector["key"].as_str().unwrap().to_owned()).unwrap()
}

fn trtc_of(vector: &Value) -> Trtc {
    Trtc::new(app_of(vector), key_of(vector))
}

fn user_of(vector: &Value) -> TrtcUser {
    TrtcUser::new(vector["identifier"].as_str().unwrap()).unwrap()
}

fn issued_s(vector: &Value) -> i64 {
    vector["time"].as_i64().unwrap()
}

fn life(vector: &Value) -> Duration {
    Duration::from_secs(vector["expire"].as_u64().unwrap())
}

/// The vector's own JSON, its signature checked against the field beside it.
fn document_of(vector: &Value) -> Value {
    let document: Value = serde_json::from_str(vector["json"].as_str().unwrap()).unwrap();
    assert_eq!(document["TLS.sig"], vector["tls_sig"]);
    document
}

fn map_key(vector: &Value, room: &Room) -> PrivateMapKey {
    let user = user_of(vector);
    trtc_of(vector).private_map_key(&user, room, Privileges::ALL, issued_s(vector), life(vector))
}

fn decoded(text: &str) -> Value {
    let base64 = text.replace('*', "+").replace('-', "/").replace('_', "=");
    let bytes = STANDARD.decode(base64).unwrap();
    let mut json = String::new();
    ZlibDecoder::new(bytes.as_slice())
        .read_to_string(&mut json)
        .unwrap();
    serde_json::from_str(&json).unwrap()
}
