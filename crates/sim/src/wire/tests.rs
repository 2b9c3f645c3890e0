//! The JSON types against the samples printed in document S0.
//! Source: S0 §3 (message flows) and §4 (bodies).

use serde_json::json;

use super::*;

/// S0 §3, resident's message flow 1, with a shorter `user_sig`.
const INCOMING: &str = r#"{
    "call_id": "d325ffd6-0d42-4516-8aa7-a45ff080d10b",
    "device_device_id": "1",
    "target_resident_id": "1",
    "timestamp": 1746870072136,
    "tencen_rtc": {
        "room_id_type": "string",
        "room_id": "room_1_1_1746870072",
        "sdk_app_id": 1600084384,
        "user_id": "1",
        "user_sig": "eAEAowBc-3siVExTLnZlciI6"
    }
}"#;

#[test]
fn the_incoming_sample_reads() {
    let incoming: Incoming = serde_json::from_str(INCOMING).unwrap();

    assert_eq!(incoming.call_id, "d325ffd6-0d42-4516-8aa7-a45ff080d10b");
    assert_eq!(incoming.device_device_id, "1");
    assert_eq!(incoming.target_resident_id, "1");
    assert_eq!(incoming.timestamp, 1_746_870_072_136);
    assert_eq!(incoming.rtc.room_id_type, "string");
    assert_eq!(incoming.rtc.room_id, "room_1_1_1746870072");
    assert_eq!(incoming.rtc.sdk_app_id, 1_600_084_384);
    assert_eq!(incoming.rtc.user_id, "1");
    assert_eq!(incoming.rtc.user_sig.as_str(), "eAEAowBc-3siVExTLnZlciI6");
    assert!(incoming.rtc.private_map_key.is_none());
}

#[test]
fn a_message_that_lacks_a_promised_field_is_refused() {
    let lacking = INCOMING.replace("\"target_resident_id\": \"1\",", "");

    let error = serde_json::from_str::<Incoming>(&lacking).err().unwrap();

    assert!(
        error
            .to_string()
            .contains("missing field `target_resident_id`")
    );
}

#[test]
fn the_control_samples_read_with_and_without_a_reason() {
    let ringing = json!({
        "action": "ringing",
        "call_id": "d325ffd6-0d42-4516-8aa7-a45ff080d10b",
        "timestamp": 1_746_870_072_167_i64,
    });
    let mut hangup = ringing.clone();
    hangup["action"] = json!("hangup");
    hangup["reason"] = json!("call_completed");

    let ringing: ControlMessage = serde_json::from_value(ringing).unwrap();
    let hangup: ControlMessage = serde_json::from_value(hangup).unwrap();

    assert_eq!((ringing.action.as_str(), ringing.reason), ("ringing", None));
    assert_eq!(hangup.action, "hangup");
    assert_eq!(hangup.reason.as_deref(), Some("call_completed"));
    assert_eq!(hangup.timestamp, 1_746_870_072_167);
}

#[test]
fn the_system_sample_reads() {
    let sample = json!({
        "type": "maintenance",
        "level": "info",
        "message": "系统将于今晚22:00进行升级维护，预计持续30分钟",
        "data": {"start_time": 1_746_870_072_136_i64, "duration": 1_800_000},
        "timestamp": 1_746_870_072_136_i64,
    });

    let message: SystemMessage = serde_json::from_value(sample).unwrap();

    assert_eq!(
        (message.kind.as_str(), message.level.as_str()),
        ("maintenance", "info")
    );
    assert_eq!(message.data["duration"], 1_800_000);
}

#[test]
fn the_answer_to_a_press_reads() {
    let incoming: serde_json::Value = serde_json::from_str(INCOMING).unwrap();
    let sample = json!({
        "call_id": "c1",
        "device_device_id": "1",
        "target_resident_ids": ["1", "2"],
        "timestamp": 1_746_870_072_136_i64,
        "tencen_rtc": incoming["tencen_rtc"],
        "call_info": {"action": "ringing", "call_id": "c1", "timestamp": 1_746_870_072_136_i64},
    });

    let pressed: Pressed = serde_json::from_value(sample).unwrap();

    assert_eq!(pressed.target_resident_ids, ["1", "2"]);
    assert_eq!(pressed.call_info.action, "ringing");
    assert_eq!(pressed.rtc.room_id, "room_1_1_1746870072");
}

#[test]
fn a_session_reads_while_it_lives_and_after_its_end() {
    let living = json!({
        "call_id": "c1", "status": "ringing", "device_id": "1",
        "resident_id": null, "start_time": 1, "end_time": null,
    });
    let ended = json!({
        "call_id": "c1", "status": "ended", "device_id": "1",
        "resident_id": "7", "start_time": 1, "end_time": 2,
    });

    let living: Session = serde_json::from_value(living).unwrap();
    let ended: Session = serde_json::from_value(ended).unwrap();

    assert_eq!((living.resident_id, living.end_time), (None, None));
    assert_eq!(
        (ended.resident_id.as_deref(), ended.end_time),
        (Some("7"), Some(2))
    );
}

#[test]
fn requests_have_the_documents_shape() {
    let press = Press {
        device_device_id: "1",
        household_number: "101",
        timestamp: 5,
    };
    let control = Control {
        action: "hangup",
        call_id: "c1",
        timestamp: 5,
        reason: Some("r"),
    };
    let quiet = Control {
        action: "hangup",
        call_id: "c1",
        timestamp: 5,
        reason: None,
    };
    let end = EndCall {
        call_id: "c1",
        reason: Some("r"),
    };
    let status = Status {
        device_id: "1",
        status: Online {
            online: true,
            timestamp: 5,
        },
    };

    let seen = json!([press, control, quiet, end, status]);

    assert_eq!(
        seen,
        json!([
            {"device_device_id": "1", "household_number": "101", "timestamp": 5},
            {"action": "hangup", "call_id": "c1", "timestamp": 5, "reason": "r"},
            {"action": "hangup", "call_id": "c1", "timestamp": 5},
            {"call_id": "c1", "reason": "r"},
            {"device_id": "1", "status": {"online": true, "timestamp": 5}},
        ])
    );
}
