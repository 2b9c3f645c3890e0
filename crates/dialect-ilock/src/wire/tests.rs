//! The documents' own samples: what we encode from their values equals them to the letter, white
//! space apart, and what they send us is read.
//!
//! The samples lie in `golden/`, a file each, named after what they show.

use app::clients::NewClient;
use app::directory::ClientStatus;

use super::*;
use crate::words::{Kind, Said};

/// Takes out white space that is not inside a text.
fn minify(json: &str) -> String {
    let mut inside = false;
    let mut escaped = false;
    let mut kept = String::new();
    for letter in json.chars() {
        if inside || !letter.is_whitespace() {
            kept.push(letter);
        }
        if letter == '"' && !escaped {
            inside = !inside;
        }
        escaped = inside && letter == '\\' && !escaped;
    }
    kept
}

#[track_caller]
fn check(encoded: &[u8], golden: &str) {
    assert_eq!(std::str::from_utf8(encoded).unwrap(), minify(golden));
}

fn control(action: &'static str, timestamp: i64, reason: Option<&str>) -> Vec<u8> {
    encode(&Control {
        action,
        call_id: "d325ffd6-0d42-4516-8aa7-a45ff080d10b".into(),
        timestamp,
        reason: reason.map(Into::into),
        answered_by: None,
    })
}

#[test]
fn the_flow_of_s0_is_encoded_as_it_stands() {
    let answered = Some("user_busy");
    let done = Some("call_completed");

    check(
        &control("answered", 1_746_870_108_846, answered),
        include_str!("../../golden/s0/resident_answered.json"),
    );
    check(
        &control("hangup", 1_746_870_238_164, done),
        include_str!("../../golden/s0/resident_hangup.json"),
    );
    check(
        &control("ringing", 1_746_870_072_167, None),
        include_str!("../../golden/s0/device_ringing.json"),
    );
    check(
        &control("answered", 1_746_870_108_815, answered),
        include_str!("../../golden/s0/device_answered.json"),
    );
    check(
        &control("hangup", 1_746_870_238_164, done),
        include_str!("../../golden/s0/device_hangup.json"),
    );
}

/// The sample says `"string"` where a room's kind stands; so do we, meaning it.
#[test]
fn the_offer_of_s0_is_encoded_as_it_stands() {
    let golden = include_str!("../../golden/s0/resident_incoming.json");
    let sample: serde_json::Value = serde_json::from_str(golden).unwrap();
    let user_sig = sample["tencen_rtc"]["user_sig"]
        .as_str()
        .unwrap()
        .to_owned();

    let incoming = Incoming {
        call_id: "d325ffd6-0d42-4516-8aa7-a45ff080d10b".into(),
        device_device_id: "1".into(),
        target_resident_id: "1".into(),
        timestamp: 1_746_870_072_136,
        tencen_rtc: Some(TencenRtc {
            room_id_type: RoomKind::String,
            room_id: "room_1_1_1746870072".into(),
            sdk_app_id: 1_600_084_384,
            user_id: "1".into(),
            user_sig,
            private_map_key: None,
        }),
    };

    check(&encode(&incoming), golden);
}

#[test]
fn the_system_message_of_s0_is_encoded_as_it_stands() {
    let golden = include_str!("../../golden/s0/system.json");
    let request = SystemRequest::decode(golden.as_bytes()).ok().unwrap();
    let sample: serde_json::Value = serde_json::from_str(golden).unwrap();

    let system = System {
        kind: request.kind,
        level: request.level,
        message: request.message,
        data: request.data,
        timestamp: 1_746_870_072_136,
    };

    // The order inside `data` is the operator's affair, so this compares values.
    assert_eq!(serde_json::to_value(&system).unwrap(), sample);
    assert!(encode(&system).starts_with(r#"{"type":"maintenance","level":"info","#.as_bytes()));
}

#[test]
fn the_answers_of_s0_are_encoded_as_they_stand() {
    let text = || "string".to_owned();
    let reply = CallReply {
        call_id: text(),
        device_device_id: text(),
        target_resident_ids: vec![text()],
        timestamp: 1_746_870_072_136,
        tencen_rtc: TencenRtc {
            room_id_type: RoomKind::String,
            room_id: text(),
            sdk_app_id: 1_600_084_384,
            user_id: text(),
            user_sig: text(),
            private_map_key: None,
        },
        call_info: CallBegun {
            action: "ringing",
            call_id: text(),
            timestamp: 1_746_870_072_136,
        },
    };
    let session = Session {
        call_id: text(),
        status: SessionStatus::Ended,
        device_id: text(),
        resident_id: text(),
        start_time: 1_746_870_072_136,
        end_time: Some(1_746_870_238_164),
        tencen_rtc: None,
    };

    check(
        &envelope(200, "成功", Some(reply)),
        include_str!("../../golden/s0/call_reply.json"),
    );
    let golden = include_str!("../../golden/s0/session_reply.json");
    let golden = golden.replace(r#""status": "string""#, r#""status": "ended""#);
    check(&envelope(200, "成功", Some(session)), &golden);
    check(
        &envelope::<()>(400, "错误描述", None),
        include_str!("../../golden/s0/error.json"),
    );
}

#[test]
fn the_press_of_s0_is_read() {
    let golden = include_str!("../../golden/s0/call_request.json");

    let request = CallRequest::decode(golden.as_bytes()).ok().unwrap();

    let expected = CallRequest {
        device_device_id: "string".into(),
        household_number: "string".into(),
        timestamp: Some(1_746_870_072_136),
    };
    assert_eq!(request, expected);
}

const CALL: &str = "call_device123_user456_1629123456789";

#[test]
fn the_messages_of_s1_are_encoded_as_they_stand() {
    let incoming = PushIncoming {
        call_id: CALL.into(),
        caller_id: "device123".into(),
        caller_info: Caller {
            name: "前门设备".into(),
            location: "小区大门".into(),
        },
        timestamp: 1_679_886_450_000,
        room_info: TencenRtc {
            room_id_type: RoomKind::Integer,
            room_id: "664321".into(),
            sdk_app_id: 1_400_000_001,
            user_id: "user456".into(),
            user_sig: "eJwtzM9qwkAUBeCvIrNtYZL5l5...".into(),
            private_map_key: None,
        }
        .into(),
    };
    let control = PushControl {
        action: "hangup",
        call_id: CALL.into(),
        timestamp: 1_679_886_550_000,
        reason: Some("通话已结束".into()),
        device_id: None,
    };
    let sync = PushSync {
        action: "accepted",
        device_id: "user456_ios_abcd1234".into(),
        call_id: CALL.into(),
        timestamp: 1_679_886_500_000,
    };

    check(
        &encode(&incoming),
        include_str!("../../golden/s1/incoming.json"),
    );
    check(
        &encode(&control),
        include_str!("../../golden/s1/control.json"),
    );
    check(&encode(&sync), include_str!("../../golden/s1/sync.json"));
}

#[test]
fn the_answers_of_s1_are_encoded_as_they_stand() {
    let reply = RegisterReply {
        mqtt_credentials: MqttCredentials {
            broker_url: "tcp://broker.ilock.com:1883".into(),
            username: "user456".into(),
            password: "jwt_token_for_mqtt".into(),
            client_id: "user456_android_uuid1234".into(),
        },
        topics: ClientTopics {
            incoming_calls: "users/user456/calls/incoming".into(),
            call_control: "users/user456/calls/control".into(),
            device_sync: "users/user456/devices/sync".into(),
        },
    };

    check(
        &envelope(0, "成功", Some(reply)),
        include_str!("../../golden/s1/register_reply.json"),
    );
    check(
        &envelope::<()>(0, "成功", None),
        include_str!("../../golden/s1/status_reply.json"),
    );
}

#[test]
fn a_public_key_is_read_as_it_is() {
    let key = |json: &str| {
        let body = format!(r#"{{"user_id":"u","client_id":"c","public_key":{json}}}"#);
        let read = RegisterRequest::decode(body.as_bytes());
        read.map(|request| request.client.public_key)
    };
    let field = "public_key";
    let long = format!(r#"{{"kid":"{}"}}"#, "x".repeat(1024));

    assert_eq!(key("null"), Ok(None));
    assert_eq!(key(r#"{"kty": "EC"}"#), Ok(Some(r#"{"kty":"EC"}"#.into())));
    assert_eq!(key(&long), Err(Said::TooLong { field, max: 1024 }));
    let expected = Kind::PublicKey;
    assert_eq!(key(r#""EC""#), Err(Said::WrongType { field, expected }));
}

#[test]
fn the_requests_of_s1_are_read() {
    let register = include_str!("../../golden/s1/register_request.json");
    let RegisterRequest { user_id, client } =
        RegisterRequest::decode(register.as_bytes()).ok().unwrap();
    let NewClient {
        name,
        platform,
        device_type,
        app_version,
        push_token,
        public_key,
    } = client;
    assert_eq!(user_id, "user456");
    assert_eq!(name, "user456_android_uuid1234");
    assert_eq!((&*platform, &*device_type), ("android", "mobile"));
    assert_eq!(
        (&*app_version, &*push_token),
        ("1.2.3", "firebase_token123")
    );
    assert_eq!(public_key, None);

    let status = include_str!("../../golden/s1/status_request.json");
    let expected = StatusRequest {
        client_id: "user456_android_uuid1234".into(),
        status: ClientStatus {
            active: true,
            priority: 10,
            last_active_ms: Some(1_679_886_400_000),
        },
    };
    assert_eq!(
        StatusRequest::decode(status.as_bytes()).ok().unwrap(),
        expected
    );
}
