//! Brokers that do one thing wrong, for one hearer and one sender: a flood must tell.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt, sink};
use tokio::net::{TcpListener, TcpStream};

use super::{Flood, Flooded, flood};
use crate::load::raw::decode;
use crate::load::stream::Target;

const FLOOD: Flood = Flood {
    publishers: 1,
    subscribers: 1,
    window: 4,
    payload_bytes: 20,
    length: Duration::from_millis(20),
    clean: true,
};

/// How often the broker passes the first message on; every other one once.
#[derive(Clone, Copy)]
struct First {
    times: usize,
}

#[tokio::test]
async fn a_flood_through_an_honest_broker_loses_nothing() {
    let flooded = flood_through(First { times: 1 }).await;

    assert!(flooded.sent > 0);
    assert_eq!(flooded.heard, flooded.sent);
    assert_eq!((flooded.lost, flooded.repeated), (0, 0));
}

#[tokio::test]
async fn a_message_that_is_acknowledged_and_not_passed_on_is_lost() {
    let flooded = flood_through(First { times: 0 }).await;

    assert_eq!((flooded.lost, flooded.repeated), (1, 0));
    assert_eq!(flooded.heard, flooded.sent - 1);
}

#[tokio::test]
async fn a_message_that_is_passed_on_twice_is_counted_once() {
    let flooded = flood_through(First { times: 2 }).await;

    assert_eq!((flooded.lost, flooded.repeated), (0, 1));
    assert_eq!(flooded.heard, flooded.sent);
}

async fn flood_through(first: First) -> Flooded {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (flooded, ()) = tokio::join!(sent_to(address), serve(listener, first));
    flooded
}

async fn sent_to(address: SocketAddr) -> Flooded {
    let target = Target::plain(address);
    flood(&target, &FLOOD, now, &mut |_| {}).await.unwrap()
}

/// Serves the hearer, which comes first, and the sender until it goes.
async fn serve(listener: TcpListener, first: First) {
    let (mut hearer, mut unread) = accept(&listener).await;
    let subscribe = next(&mut hearer, &mut unread).await.unwrap();
    let suback = [0x90, 3, subscribe[2], subscribe[3], 1];
    hearer.write_all(&suback).await.unwrap();
    let (mut acks, mut hearer) = hearer.into_split();
    let mut sink = sink();
    let taking = tokio::io::copy(&mut acks, &mut sink);
    let passing = async {
        let (mut sender, mut unread) = accept(&listener).await;
        let mut times = first.times;
        while let Some(publish) = next(&mut sender, &mut unread).await {
            for _ in 0..std::mem::replace(&mut times, 1) {
                hearer.write_all(&publish).await.unwrap();
            }
            // Head and length are two bytes, the topic's length two, the topic eleven.
            let ack = [0x40, 2, publish[15], publish[16]];
            sender.write_all(&ack).await.unwrap();
        }
        drop(hearer);
    };
    let (_, ()) = tokio::join!(taking, passing);
}

/// A client that was told CONNACK, and its bytes not taken yet.
async fn accept(listener: &TcpListener) -> (TcpStream, Vec<u8>) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut unread = Vec::new();
    next(&mut stream, &mut unread).await.unwrap();
    stream.write_all(&[0x20, 2, 0, 0]).await.unwrap();
    (stream, unread)
}

/// The next whole packet; none at the end.
async fn next(stream: &mut TcpStream, unread: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some((_, _, end)) = decode(unread).unwrap() {
            return Some(unread.drain(..end).collect());
        }
        if stream.read_buf(unread).await.ok()? == 0 {
            return None;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the generator measures with it")]
fn now() -> Instant {
    Instant::now()
}
