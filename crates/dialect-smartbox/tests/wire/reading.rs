//! What peers write otherwise, and is read all the same: the document's samples, the spellings of
//! the field, what is left unset.

use dialect_smartbox::wire::{
    CallEnd, CallReject, CallReq, DecodeError, Emergency, End, FrameReader, Message, OpenDoor,
    PeerType, RejectCode, decode,
};

/// S3 §1, "封包", blank lines included.
#[test]
fn the_frames_of_the_document_are_read() {
    let sample = b"{ \"id\": \"10001\",\"name\": \"call_in\",\"values\": {} }\n\0\n\
        { \"id\": \"10002\",\"name\": \"call_keep\",\"values\": {} }\n\0\n\
        { \"id\": \"10003\",\"name\": \"call_end\",\"values\": {} }\n\0";
    let mut reader = FrameReader::new();
    reader.push(sample).unwrap();

    let mut read = Vec::new();
    while let Some(frame) = reader.next_frame() {
        let frame = decode(&frame).unwrap();
        read.push((frame.id.unwrap(), frame.message));
    }

    let expected = [
        ("10001".to_owned(), Message::Unknown("call_in".into())),
        ("10002".to_owned(), Message::CallKeep { sid: None }),
        ("10003".to_owned(), Message::CallEnd(CallEnd::default())),
    ];
    assert_eq!(read, expected);
}

/// S3 §1, "示例": a comma is missing behind the token, so it is no JSON.
#[test]
fn the_sample_without_its_comma_is_refused_and_with_it_read() {
    let sample = r#"{
  "id": "1000123",
  "name": "call_in",
  "values": {
    "token": "ASSDWQQWEQWEQWEQW=="
    "dest": "11.2.1.1",
    "dest_id": "2-1-1-1",
    "audio_stream_url": "http://11.2.2.1:594/streaming/5542"
  }
}"#;
    let mended = sample.replace("==\"\n", "==\",\n");

    assert_eq!(decode(sample.as_bytes()), Err(DecodeError::NotJson));
    let read = decode(mended.as_bytes()).unwrap().message;
    assert_eq!(read, Message::Unknown("call_in".into()));
}

#[test]
fn streams_are_read_in_every_spelling() {
    for spelling in [
        "_stream_id",
        "streamid",
        "_tream_id",
        "_stream_url",
        "streamurl",
    ] {
        let json = format!(
            r#"{{"name": "call_req", "values": {{"src":
            {{"audio{spelling}": "1", "video{spelling}": 2}}}}}}"#
        );

        let Message::CallReq(req) = read(&json) else {
            panic!("{json}")
        };

        assert_eq!(req.src.audio.as_deref(), Some("1"), "{spelling}");
        assert_eq!(req.src.video.as_deref(), Some("2"), "{spelling}");
    }
}

#[test]
fn the_proper_spelling_counts_first_and_an_empty_one_not_at_all() {
    let json = r#"{"name": "call_req", "values": {"dest":
        {"audiostreamid": "a", "audio_stream_id": "b", "video_stream_id": "", "videostreamid": "c"}}}"#;

    let Message::CallReq(req) = read(json) else {
        panic!("no call_req")
    };

    let streams = (req.dest.audio.as_deref(), req.dest.video.as_deref());
    assert_eq!(streams, (Some("b"), Some("c")));
}

#[test]
fn numbers_and_texts_are_read_alike() {
    let texts = r#"{"id": "7", "name": "call_req", "values": {"sid": "12", "src":
        {"id": "301", "type": "3", "ip": "11.0.0.1", "port": "7891"}}}"#;
    let numbers = r#"{"id": 7, "name": "call_req", "values": {"sid": 12, "src":
        {"id": 301, "type": 3, "ip": "11.0.0.1", "port": 7891}}}"#;

    let src = End {
        id: Some("301".into()),
        kind: Some(PeerType::OuterBox),
        ip: Some([11, 0, 0, 1].into()),
        port: Some(7891),
        ..End::default()
    };
    let req = CallReq {
        sid: Some("12".into()),
        src,
        dest: End::default(),
    };
    for json in [texts, numbers] {
        let frame = decode(json.as_bytes()).unwrap();
        assert_eq!(frame.id.as_deref(), Some("7"));
        assert_eq!(frame.message, Message::CallReq(req.clone()));
    }
}

#[test]
fn what_is_left_unset_is_missing() {
    let json = r#"{"id": "", "name": "call_req", "values": {"sid": null, "src":
        {"id": "", "type": 0, "ip": "", "port": 0, "audio_stream_id": null}, "dest": null}}"#;

    let frame = decode(json.as_bytes()).unwrap();

    assert_eq!(frame.id, None);
    assert_eq!(frame.message, Message::CallReq(CallReq::default()));
}

#[test]
fn values_may_be_an_object_a_list_or_nothing() {
    let named = OpenDoor {
        sid: Some("c-1".into()),
    };
    for (values, expected) in [
        (r#"{"sid": "c-1"}"#, named.clone()),
        (r#"[{"sid": "c-1"}]"#, named.clone()),
        (r#"[{"sid": "c-1"}, {"sid": "c-2"}, 3]"#, named),
        ("[]", OpenDoor::default()),
        ("[null]", OpenDoor::default()),
        ("null", OpenDoor::default()),
    ] {
        let json = format!(r#"{{"name": "open_door", "values": {values}}}"#);

        assert_eq!(read(&json), Message::OpenDoor(expected), "{values}");
    }
    assert_eq!(
        read(r#"{"name": "open_door"}"#),
        Message::OpenDoor(OpenDoor::default())
    );
}

#[test]
fn an_alarm_is_read_in_all_three_spellings() {
    let fields = r#"{"port": 3, "name": "smoke", "message": "kitchen"}"#;
    let expected = Message::Emergency(Emergency {
        port: "3".into(),
        name: "smoke".into(),
        message: "kitchen".into(),
    });

    for json in [
        format!(r#"{{"name": "emergency", "values": {fields}}}"#),
        format!(r#"{{"name": "seczone_emergency", "values": {fields}}}"#),
        format!(r#"{{"id": 1, "method": "seczone_emergency", "params": {fields}}}"#),
    ] {
        assert_eq!(read(&json), expected, "{json}");
    }
}

#[test]
fn a_rejection_is_read_by_code_and_by_reason() {
    let reject = |values: &str| {
        let json = format!(r#"{{"name": "call_reject", "values": {values}}}"#);
        let Message::CallReject(CallReject { code, message, .. }) = read(&json) else {
            panic!("{json}")
        };
        (code, message)
    };
    let some = |text: &str| Some(text.to_owned());

    assert_eq!(reject("{}"), (RejectCode::Undefined, None));
    assert_eq!(
        reject(r#"{"code": 2, "message": "m"}"#),
        (RejectCode::CallInDenied, some("m"))
    );
    assert_eq!(reject(r#"{"code": "3"}"#), (RejectCode::AppOffline, None));
    assert_eq!(
        reject(r#"{"code": 77, "reason": "line_busy"}"#),
        (RejectCode::LineBusy, None)
    );
    assert_eq!(reject(r#"{"reason": 1}"#), (RejectCode::LineBusy, None));
    assert_eq!(
        reject(r#"{"reason": "asleep"}"#),
        (RejectCode::Undefined, some("asleep"))
    );
    assert_eq!(
        reject(r#"{"reason": "asleep", "message": "m"}"#),
        (RejectCode::Undefined, some("m"))
    );
}

#[test]
fn unknown_fields_and_kinds_of_screens_are_passed_over() {
    let json = r#"{"name": "join_family", "more": {"a": [1]}, "values":
        {"token": "t", "id": 5, "type": 17, "else": null}}"#;

    let Message::JoinFamily(join) = read(json) else {
        panic!("no join_family")
    };

    assert_eq!(join.token.expose(), "t");
    assert_eq!((join.id.as_deref(), join.kind), (Some("5"), None));
}

#[test]
fn of_a_field_that_stands_twice_the_last_counts() {
    let json = r#"{"name": "call_keep", "values": {"sid": "a", "sid": "b"}}"#;

    let sid = Some("b".into());
    assert_eq!(read(json), Message::CallKeep { sid });
}

/// An end must not be lost to its explanation.
#[test]
fn a_text_for_people_is_cut_and_never_refused() {
    let long = "门".repeat(400);
    let json = format!(
        r#"{{"name": "call_end", "values": {{"sid": "c-1", "reason": {{"a": 1}}, "message": "{long}"}}}}"#
    );

    let Message::CallEnd(end) = read(&json) else {
        panic!("no call_end")
    };

    assert_eq!(end.sid.as_deref(), Some("c-1"));
    assert_eq!(end.reason, None);
    assert_eq!(end.message, Some("门".repeat(341)));
}

fn read(json: &str) -> Message {
    decode(json.as_bytes())
        .unwrap_or_else(|fault| panic!("{fault}: {json}"))
        .message
}
