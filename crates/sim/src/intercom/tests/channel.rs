//! A connection: bytes in any portions, keep-alives in virtual time. Source: S3 §2.6, packing.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;

use crate::error::SimError;
use crate::intercom::{Channel, Ending, KeepAlive, Message, Profile};

const ROOM: usize = 4096;

const MUTE: KeepAlive = KeepAlive {
    every: None,
    dead_after: Duration::from_secs(15),
};

#[tokio::test(start_paused = true)]
async fn messages_come_whole_however_their_bytes_come() {
    let (ours, mut theirs) = duplex(1);
    let mut channel = Channel::over(ours, (Profile::V04, MUTE));
    let stream = "\r\n{\"name\":\"call_accept\",\"values\":{}} \r\n\0\n{\"name\":\"call_end\"}\0";

    let (sent, read) = tokio::join!(theirs.write_all(stream.as_bytes()), async {
        [channel.next().await, channel.next().await]
    });

    sent.unwrap();
    let [first, second] = read.map(Result::unwrap);
    assert_eq!(first, Message::Accept { sid: None });
    assert_eq!(second, Message::End(Ending::default()));
}

#[tokio::test(start_paused = true)]
async fn keep_alives_leave_at_once_and_every_two_seconds_and_with_a_call() {
    let (ours, mut theirs) = duplex(ROOM);
    let mut channel = Channel::over(ours, (Profile::V04, KeepAlive::default()));

    wait(&mut channel, 3).await;
    channel.name_call(Some("s1".to_owned()));
    wait(&mut channel, 3).await;
    drop(channel);

    let mut said = String::new();
    theirs.read_to_string(&mut said).await.unwrap();
    assert_eq!(
        said,
        "{\"id\":\"1\",\"name\":\"call_keep\",\"values\":{}}\0\
         {\"id\":\"2\",\"name\":\"call_keep\",\"values\":{}}\0\
         {\"id\":\"3\",\"name\":\"call_keep\",\"values\":{\"sid\":\"s1\"}}\0\
         {\"id\":\"4\",\"name\":\"call_keep\",\"values\":{\"sid\":\"s1\"}}\0"
    );
}

#[tokio::test(start_paused = true)]
async fn a_peer_without_keep_alives_is_dead_after_fifteen_seconds_whatever_else_it_says() {
    let (ours, mut theirs) = duplex(ROOM);
    let mut channel = Channel::over(ours, (Profile::V04, KeepAlive::default()));

    wait(&mut channel, 14).await;
    theirs
        .write_all(b"{\"name\":\"open_door\"}\0")
        .await
        .unwrap();
    let said = channel.next().await.unwrap();
    let end = timeout(Duration::from_secs(2), channel.next()).await;

    assert_eq!(said, Message::OpenDoor { sid: None });
    let dead_after = Duration::from_secs(15);
    assert!(matches!(end, Ok(Err(SimError::Silent(after))) if after == dead_after));
}

#[tokio::test(start_paused = true)]
async fn two_that_keep_each_other_alive_live_on() {
    let (ours, theirs) = duplex(ROOM);
    let mut one = Channel::over(ours, (Profile::V04, KeepAlive::default()));
    let mut other = Channel::over(theirs, (Profile::Field, KeepAlive::default()));

    tokio::join!(wait(&mut one, 120), wait(&mut other, 120));

    other.post(&Message::Accept { sid: None });
    let (sent, heard) = tokio::join!(other.flush(), one.next());
    sent.unwrap();
    assert_eq!(heard.unwrap(), Message::Accept { sid: None });
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_reads_is_given_up() {
    let (ours, _theirs) = duplex(1);
    let mut channel = Channel::over(ours, (Profile::V04, KeepAlive::default()));

    channel.post_raw(&[b' '; 17 * 1024]);

    assert!(matches!(
        channel.next().await,
        Err(SimError::LinkEnded { .. })
    ));
}

/// Listens for so long to a peer that says nothing of note.
async fn wait(channel: &mut Channel<DuplexStream>, seconds: u64) {
    let heard = timeout(Duration::from_secs(seconds), channel.next()).await;
    assert!(heard.is_err());
}
