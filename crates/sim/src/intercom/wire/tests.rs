//! Messages there and back, in every edition, and frames cut at every byte.
//! Source: S3 (message format, packing, §2 to §4).

use super::*;

#[test]
fn every_message_comes_back_from_every_edition_whole() {
    for profile in [Profile::V04, Profile::V05, Profile::Field] {
        for message in every_message(profile) {
            let mut frames = Frames::default();
            frames.push(&encode(&message, 7, profile)).unwrap();

            let frame = frames.next().unwrap();

            assert_eq!(decode(&frame).unwrap(), message, "{profile:?}");
        }
    }
}

#[test]
fn a_stream_cut_anywhere_gives_the_same_frames() {
    let profile = Profile::Field;
    let messages = every_message(profile);
    let stream: Vec<u8> = messages
        .iter()
        .flat_map(|message| [b"\r\n ".to_vec(), encode(message, 7, profile)])
        .flatten()
        .collect();

    for cut in 0..stream.len() {
        let mut frames = Frames::default();
        let mut read = Vec::new();
        for part in [&stream[..cut], &stream[cut..]] {
            frames.push(part).unwrap();
            while let Some(frame) = frames.next() {
                read.push(decode(&frame).unwrap());
            }
        }
        assert_eq!(read, messages, "cut at {cut}");
    }
}

#[test]
fn a_frame_without_an_end_is_given_up() {
    let mut frames = Frames::default();
    let part = vec![b'x'; frames::FRAME_BYTES_MAX];

    assert!(frames.push(&part).is_ok());
    assert!(frames.push(b"x").is_err());
}

#[test]
fn nothing_but_white_space_is_no_frame() {
    let mut frames = Frames::default();

    frames.push(b" \r\n\0\0\t\0").unwrap();

    assert_eq!(frames.next(), None);
}

#[test]
fn ids_may_be_numbers_and_values_an_array() {
    let frame = br#"{"id": 10002, "name": "call_keep", "values": [{"sid": 12}]}"#;
    let empty = br#"{"id": "1", "name": "call_end", "values": []}"#;

    let sid = Some("12".to_owned());
    assert_eq!(decode(frame).unwrap(), Message::Keep { sid });
    assert_eq!(decode(empty).unwrap(), Message::End(Ending::default()));
}

#[test]
fn every_spelling_of_the_stream_fields_is_read() {
    for (audio, video) in [
        ("audio_stream_id", "video_stream_id"),
        ("audiostreamid", "videostreamid"),
        ("audio_tream_id", "videostreamid"),
    ] {
        let frame = format!(
            r#"{{"name": "call_req", "values": {{"sid": "s", "src": {{}},
                "dest": {{"id": "101", "type": "1", "port": "7892",
                          "{audio}": 56781, "{video}": "56780"}}}}}}"#
        );

        let Message::Request(request) = decode(frame.as_bytes()).unwrap() else {
            panic!("{audio}");
        };

        assert_eq!(request.dest.kind, Some(PartyKind::InnerBox));
        assert_eq!(request.dest.port, Some(7892));
        assert_eq!(request.dest.audio, "56781");
        assert_eq!(request.dest.video, "56780");
    }
}

#[test]
fn an_old_alarm_has_method_and_params() {
    let frame =
        br#"{"method": "seczone_emergency", "params": {"port": 3, "name": "smoke", "message": "m"}}"#;

    assert_eq!(decode(frame).unwrap(), Message::Alarm(smoke()));
}

#[test]
fn the_document_says_reason_and_the_field_says_code() {
    let busy = Message::Reject(Rejection {
        sid: Some("s1".to_owned()),
        why: Some(Why::LineBusy),
        reason: Some("line_busy".to_owned()),
        message: None,
    });
    let shown = |profile| String::from_utf8(encode(&busy, 1, profile)).unwrap();

    assert_eq!(
        shown(Profile::V04),
        "{\"id\":\"1\",\"name\":\"call_reject\",\
         \"values\":{\"reason\":\"line_busy\",\"sid\":\"s1\"}}\0"
    );
    assert_eq!(
        shown(Profile::Field),
        "{\n  \"id\": 1,\n  \"name\": \"call_reject\",\n  \"values\": {\n    \"code\": 1,\n    \
         \"message\": \"line_busy\"\n  }\n}\r\n\0"
    );
}

#[test]
fn a_join_carries_token_number_and_type() {
    let join = Join {
        token: "t",
        id: "screen-1",
    };

    let frame = encode_join(&join, 1, Profile::V04);

    assert_eq!(
        String::from_utf8(frame).unwrap(),
        "{\"id\":\"1\",\"name\":\"join_family\",\
         \"values\":{\"id\":\"screen-1\",\"token\":\"t\",\"type\":2}}\0"
    );
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let sid_is_missing = br#"{"name": "call_req", "values": {"src": {}, "dest": {}}}"#;

    for frame in [&b"{"[..], b"{}", b"[]", b"\xff", sid_is_missing] {
        assert!(decode(frame).is_err());
    }
}

/// One of each, as the edition can carry it.
fn every_message(profile: Profile) -> Vec<Message> {
    let is_field = profile == Profile::Field;
    let sid = Some("s1".to_owned());
    let told = |text: &str| (!is_field).then(|| text.to_owned());
    let message = Some("busy \\u0000 \" {".to_owned());
    vec![
        Message::Request(Box::new(request())),
        Message::Accept { sid: None },
        Message::Reject(Rejection {
            sid: told("s1"),
            why: Some(Why::LineBusy),
            reason: told("line_busy"),
            message,
        }),
        Message::End(Ending {
            sid: told("s1"),
            reason: told("hangup"),
            message: None,
        }),
        Message::Keep { sid },
        Message::Keep { sid: None },
        Message::OpenDoor { sid: None },
        Message::Joined {
            room: Some("r".to_owned()),
            stream: None,
        },
        Message::JoinRefused {
            reason: "expired".to_owned(),
        },
        Message::Alarm(smoke()),
        Message::AlarmTaken {
            port: "3".to_owned(),
            name: "smoke".to_owned(),
        },
    ]
}

fn smoke() -> Alarm {
    Alarm {
        port: "3".to_owned(),
        name: "smoke".to_owned(),
        message: "m".to_owned(),
    }
}

fn request() -> Request {
    Request {
        sid: "s1".to_owned(),
        src: Party {
            id: "2-1-1".to_owned(),
            kind: Some(PartyKind::Outdoor),
            ip: "11.0.11.1".to_owned(),
            port: Some(7891),
            video: "56780".to_owned(),
            ..Party::default()
        },
        dest: Party {
            id: "2-1-1-1".to_owned(),
            kind: Some(PartyKind::InnerBox),
            audio: "56781".to_owned(),
            ..Party::default()
        },
    }
}
