//! What is refused, and that the refusal names the field and nothing of what stood there.

use dialect_smartbox::wire::{DecodeError, decode};

#[track_caller]
fn check(json: &str, said: &str) {
    let fault = decode(json.as_bytes()).unwrap_err();

    assert_eq!(fault.to_string(), said, "{json}");
}

#[test]
fn what_is_no_message_is_refused() {
    check("", "no JSON");
    check("{", "no JSON");
    check("[1]", "no JSON object");
    check("{}", "name is missing");
    check(r#"{"name": ""}"#, "name is missing");
    check(
        r#"{"name": ["call_end"]}"#,
        "name must be a text of printable letters, or a whole number",
    );
    assert_eq!(decode(b"{\"name\": \"\xFF\"}"), Err(DecodeError::NotJson));
}

#[test]
fn a_wrong_field_is_named_with_its_place() {
    let req = |end: &str| format!(r#"{{"name": "call_req", "values": {{"dest": {end}}}}}"#);

    check(&req("\"11.2.1.1\""), "dest must be an object");
    check(&req(r#"{"type": 6}"#), "dest.type must be 1 to 5");
    check(&req(r#"{"port": 65536}"#), "dest.port must be 0 to 65535");
    check(&req(r#"{"port": -1}"#), "dest.port must be a whole number");
    check(
        &req(r#"{"port": 1e300}"#),
        "dest.port must be a whole number",
    );
    check(
        &req(r#"{"port": 99999999999999999999999}"#),
        "dest.port must be a whole number",
    );
    check(&req(r#"{"ip": "here"}"#), "dest.ip must be an IP address");
    check(
        r#"{"name": "call_keep", "values": {"sid": true}}"#,
        "sid must be a text of printable letters, or a whole number",
    );
    check(
        r#"{"name": "call_keep", "values": {"sid": "a\u0000b"}}"#,
        "sid must be a text of printable letters, or a whole number",
    );
    check(
        r#"{"name": "call_keep", "values": "c-1"}"#,
        "values must be an object",
    );
    check(
        r#"{"name": "join_family", "values": {}}"#,
        "token is missing",
    );
    check(r#"{"name": "emergency", "values": {}}"#, "port is missing");
}

#[test]
fn what_names_something_is_refused_when_too_long() {
    let sid = |length: usize| {
        format!(
            r#"{{"name": "call_keep", "values": {{"sid": "{}"}}}}"#,
            "x".repeat(length)
        )
    };
    let stream = "x".repeat(513);
    let stream =
        format!(r#"{{"name": "call_req", "values": {{"src": {{"audiostreamid": "{stream}"}}}}}}"#);
    let token = "x".repeat(2049);
    let token = format!(r#"{{"name": "join_family", "values": {{"token": "{token}"}}}}"#);

    assert!(decode(sid(64).as_bytes()).is_ok());
    check(&sid(65), "sid has more than 64 bytes");
    check(&stream, "src.audiostreamid has more than 512 bytes");
    check(&token, "token has more than 2048 bytes");
}

#[test]
fn numbers_beyond_all_bounds_and_deep_nests_are_no_json() {
    let deep = format!("{}{}", r#"{"name":"#.repeat(200), "}".repeat(200));

    check(r#"{"id": 1e999, "name": "call_keep"}"#, "no JSON");
    check(&deep, "no JSON");
}

#[test]
fn a_token_is_never_shown() {
    let json = r#"{"name": "join_family", "values": {"token": "let me in"}}"#;

    let shown = format!("{:?}", decode(json.as_bytes()).unwrap());

    assert!(shown.contains("JoinFamily") && !shown.contains("let me"));
}
