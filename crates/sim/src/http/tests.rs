//! The HTTP half against a scripted server on a real socket: one request, one answer.
//! Source of the form: RFC 9112; of the envelope: S0 §4 and §6.

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::error::SimError;
use crate::fake;
use crate::fake::web::serve;

#[tokio::test]
async fn a_request_carries_its_identity_and_its_json() {
    let (http, listener) = listen().await;
    let http = http.with_token("secret").with_device_id("d1");

    let body = json!({"a": 1});
    let answered = http.post("/api/mqtt/call", &body);
    let (reply, request) = tokio::join!(answered, serve(&listener, "200 OK", DONE));

    assert!(reply.unwrap_or_else(|error| panic!("{error}")).is_success());
    assert!(request.starts_with("POST /api/mqtt/call HTTP/1.1\r\n"));
    assert!(request.contains("authorization: Bearer secret\r\n"));
    assert!(request.contains("x-device-id: d1\r\n"));
    assert!(request.contains("content-type: application/json\r\n"));
    assert!(request.ends_with("\r\n\r\n{\"a\":1}"));
}

#[tokio::test]
async fn a_query_is_escaped() {
    let (http, listener) = listen().await;

    let answered = http.get("/api/mqtt/session", &[("call_id", "a&b")]);
    let (reply, request) = tokio::join!(answered, serve(&listener, "200 OK", DONE));

    assert!(reply.is_ok());
    assert!(request.starts_with("GET /api/mqtt/session?call_id=a%26b HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_refusal_is_an_ordinary_reply_and_an_error_only_where_data_was_wanted() {
    let (http, listener) = listen().await;
    let refusal = r#"{"code":409,"message":"已被接听","data":null}"#;

    let answered = http.post("/x", &Value::Null);
    let (reply, _) = tokio::join!(answered, serve(&listener, "409 Conflict", refusal));
    let reply = reply.unwrap_or_else(|error| panic!("{error}"));

    assert_eq!((reply.http_status, reply.code), (409, 409));
    assert_eq!(reply.message, "已被接听");
    assert!(matches!(
        reply.into_typed::<Value>(),
        Err(SimError::Refused {
            http_status: 409,
            code: 409,
            ..
        })
    ));
}

#[tokio::test]
async fn an_answer_without_the_envelope_is_an_error() {
    let (http, listener) = listen().await;

    let answered = http.post("/x", &Value::Null);
    let (reply, _) = tokio::join!(answered, serve(&listener, "502 Bad Gateway", "<html>"));

    assert!(matches!(
        reply.err(),
        Some(SimError::BadAnswer {
            http_status: 502,
            ..
        })
    ));
}

#[tokio::test]
async fn an_absent_server_is_unreachable() {
    let (http, listener) = listen().await;
    drop(listener);

    let reply = http.post("/x", &Value::Null).await;

    assert!(matches!(reply.err(), Some(SimError::Unreachable { .. })));
}

const DONE: &str = r#"{"code":200,"message":"成功","data":{}}"#;

async fn listen() -> (Http, TcpListener) {
    let listener = fake::listener().await;
    let origin = format!("http://{}", listener.local_addr().unwrap());
    (Http::new(&origin).ok().unwrap(), listener)
}
