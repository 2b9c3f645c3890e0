//! A scripted web server: one connection, one request, one answer.
//!
//! Source: RFC 9112 §3, §6.2.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Takes one request, answers it, and returns the request's text.
pub(crate) async fn serve(listener: &TcpListener, status: &str, body: &str) -> String {
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !is_whole(&request) {
        assert_ne!(socket.read_buf(&mut request).await.unwrap(), 0);
    }
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n");
    socket
        .write_all(format!("{head}\r\n{body}").as_bytes())
        .await
        .unwrap();
    String::from_utf8(request).unwrap()
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    body.len() == length.map_or(0, |length| length.parse().unwrap())
}
