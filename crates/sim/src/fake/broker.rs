//! A scripted MQTT broker: each function is one exchange, byte by byte.
//!
//! Source: MQTT 3.1.1 §3.1 to §3.3, §3.8, §3.9.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Reads CONNECT and answers with a CONNACK of that code.
pub(crate) async fn accept(listener: &TcpListener, code: u8) -> (TcpStream, Vec<u8>) {
    let (mut socket, _) = listener.accept().await.unwrap();
    let connect = packet(&mut socket).await;
    socket.write_all(&[0x20, 2, 0, code]).await.unwrap();
    (socket, connect)
}

/// Reads SUBSCRIBE and gives every filter that return code.
pub(crate) async fn suback(socket: &mut TcpStream, code: u8) {
    let subscribe = packet(socket).await;
    assert_eq!(subscribe[0], 0x82);
    let mut rest = &subscribe[4..];
    let mut codes = Vec::new();
    while let [_, length, ..] = rest {
        let (filter, behind) = rest.split_at(2 + usize::from(*length) + 1);
        assert_eq!(filter.last(), Some(&1), "QoS 1 is asked for");
        codes.push(code);
        rest = behind;
    }
    let length = u8::try_from(2 + codes.len()).unwrap();
    let head = [0x90, length, subscribe[2], subscribe[3]];
    socket
        .write_all(&[&head, codes.as_slice()].concat())
        .await
        .unwrap();
}

/// Sends a PUBLISH at QoS 0.
pub(crate) async fn publish(socket: &mut TcpStream, topic: &str, payload: &[u8]) {
    let topic_length = u16::try_from(topic.len()).unwrap();
    let mut packet = vec![0x30];
    packet.extend(remaining_length(2 + topic.len() + payload.len()));
    packet.extend(topic_length.to_be_bytes());
    packet.extend_from_slice(topic.as_bytes());
    packet.extend_from_slice(payload);
    socket.write_all(&packet).await.unwrap();
}

fn remaining_length(mut length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while length > 127 {
        bytes.push(u8::try_from(length % 128).unwrap() | 0x80);
        length /= 128;
    }
    bytes.push(u8::try_from(length).unwrap());
    bytes
}

/// Reads one packet of at most 127 bytes behind its two-byte head.
async fn packet(socket: &mut TcpStream) -> Vec<u8> {
    let mut bytes = vec![0; 2];
    socket.read_exact(&mut bytes).await.unwrap();
    bytes.resize(2 + usize::from(bytes[1]), 0);
    socket.read_exact(&mut bytes[2..]).await.unwrap();
    bytes
}
