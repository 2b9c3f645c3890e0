//! Framing at its edges: half a message, several at once, lengths that lie.

use super::field::find_text;
use super::{http, mqtt};

#[test]
fn a_field_is_found_by_its_whole_name() {
    let json = br#"{"my_call_id":"no","call_id":"yes","n":1}"#;

    assert_eq!(find_text(json, "call_id"), Some("yes"));
    assert_eq!(find_text(json, "n"), None);
    assert_eq!(find_text(br#"{"call_id":"cut"#, "call_id"), None);
}

#[test]
fn an_answer_is_taken_once_its_body_is_there() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyHTTP";

    let (status, body, end) = http::decode(answer).unwrap().unwrap();

    assert_eq!((status, body), (200, &b"body"[..]));
    assert_eq!(&answer[end..], b"HTTP");
    assert!(http::decode(&answer[..end - 1]).unwrap().is_none());
    assert!(http::decode(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
}

#[test]
fn a_packet_is_taken_once_it_is_whole() {
    let mut packet = vec![0x32, 0xc8, 0x01];
    packet.extend([7; 200]);
    packet.push(0x40);

    let (head, body, end) = mqtt::decode(&packet).unwrap().unwrap();

    assert_eq!((head, body.len(), end), (0x32, 200, 203));
    assert!(mqtt::decode(&packet[..202]).unwrap().is_none());
    assert!(mqtt::decode(&[0x32, 0xff]).unwrap().is_none());
    assert!(mqtt::decode(&[0x32, 0xff, 0xff, 0xff, 0xff]).is_err());
}
