//! One of each message, and how a peer that speaks in a profile makes it heard.

use app::secret::Secret;
use dialect_smartbox::wire::{
    CallEnd, CallReject, CallReq, Emergency, EmergencyAck, End, JoinAccept, JoinFamily, Message,
    OpenDoor, PeerType, Profile, RejectCode,
};

/// Every message of which we know the name, with the name of its golden file.
pub(crate) fn messages(profile: Profile) -> Vec<(&'static str, Message)> {
    let sid = || Some("c-1".to_owned());
    vec![
        ("call_req_outdoor", Message::CallReq(from_the_door())),
        ("call_req_rooms", Message::CallReq(between_rooms(profile))),
        ("call_accept", Message::CallAccept { sid: sid() }),
        ("call_reject", Message::CallReject(line_busy())),
        ("call_end", Message::CallEnd(lost())),
        ("call_keep", Message::CallKeep { sid: sid() }),
        ("open_door", Message::OpenDoor(OpenDoor { sid: sid() })),
        ("join_family", Message::JoinFamily(join())),
        ("join_accept", Message::JoinAccept(joined())),
        (
            "join_reject",
            Message::JoinReject {
                reason: "the token is revoked".into(),
            },
        ),
        ("emergency", Message::Emergency(smoke())),
        (
            "emergency_ack",
            Message::EmergencyAck(EmergencyAck { port: "3".into() }),
        ),
    ]
}

/// What is left of a message once a peer of this profile has said it: in the field most messages
/// name no call.
pub(crate) fn heard(message: &Message, profile: Profile) -> Message {
    let mut message = message.clone();
    if profile != Profile::Field {
        return message;
    }
    match &mut message {
        Message::CallAccept { sid } => *sid = None,
        Message::CallReject(reject) => reject.sid = None,
        Message::CallEnd(end) => end.sid = None,
        Message::OpenDoor(open) => open.sid = None,
        Message::CallReq(_)
        | Message::CallKeep { .. }
        | Message::JoinFamily(_)
        | Message::JoinAccept(_)
        | Message::JoinReject { .. }
        | Message::Emergency(_)
        | Message::EmergencyAck(_)
        | Message::Unknown(_) => {}
    }
    message
}

/// S3 §5, route 2, with every field.
fn from_the_door() -> CallReq {
    CallReq {
        sid: Some("c-1".into()),
        src: End {
            id: Some("2-1-1".into()),
            kind: Some(PeerType::OuterBox),
            ip: Some([11, 0, 11, 1].into()),
            port: Some(7891),
            audio: Some("56782".into()),
            video: Some("56780".into()),
        },
        dest: End {
            id: Some("301".into()),
            kind: Some(PeerType::InnerScreen),
            ip: Some([11, 0, 1, 22].into()),
            port: Some(7892),
            audio: Some("56781".into()),
            video: Some("56783".into()),
        },
    }
}

/// S3 §5, route 7: v0.4 has the same bare id twice, v0.5 two addresses.
fn between_rooms(profile: Profile) -> CallReq {
    let (src, dest) = match profile {
        Profile::V04 => ("56780", "56780"),
        Profile::V05 | Profile::Field => (
            "http://11.0.0.7:954/stream/56780",
            "http://11.0.0.7:954/stream/56781",
        ),
    };
    let end = |id: &str, audio: &str| End {
        id: Some(id.into()),
        audio: Some(audio.into()),
        ..End::default()
    };
    CallReq {
        sid: Some("c-2".into()),
        src: end("301", src),
        dest: end("302", dest),
    }
}

fn line_busy() -> CallReject {
    CallReject {
        sid: Some("c-1".into()),
        code: RejectCode::LineBusy,
        message: Some("线路忙".into()),
    }
}

fn lost() -> CallEnd {
    CallEnd {
        sid: Some("c-1".into()),
        reason: Some("lost".into()),
        message: Some("no keep-alive for 15 s".into()),
    }
}

fn join() -> JoinFamily {
    JoinFamily {
        token: Secret::new("eyJhbGciOiJIUzI1NiJ9.e30.c2ln".into()),
        id: Some("screen-1".into()),
        kind: Some(PeerType::InnerScreen),
    }
}

fn joined() -> JoinAccept {
    JoinAccept {
        room_id: Some("301".into()),
        stream_address: Some("http://192.168.1.22:954/stream/".into()),
    }
}

fn smoke() -> Emergency {
    Emergency {
        port: "3".into(),
        name: "烟雾".into(),
        message: "kitchen \"smoke\"\n".into(),
    }
}
