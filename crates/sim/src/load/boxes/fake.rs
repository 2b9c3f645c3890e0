//! A small box for the tests of the load: it serves one call after the other, right or wrong.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::task::Poll;

use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::BoxTarget;
use crate::intercom::{Channel, Ending, KeepAlive, Message, Profile, Request};

pub(super) const SCREENS: usize = 3;

/// How the box does its work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Right,
    /// Hands every answer on to the unit, and ends nobody.
    TellsEveryAnswer,
    /// Rings the screens of all flats.
    RingsEverybody,
}

struct FakeBox {
    manner: Manner,
    flats: Vec<Vec<Channel>>,
}

/// Serves as long as the set lives, once all screens of so many flats have joined; later ones are
/// not let in.
pub(super) async fn fake_box(manner: Manner, flats: usize) -> (BoxTarget, JoinSet<()>) {
    let listen = || TcpListener::bind("127.0.0.1:0");
    let (home, community) = (listen().await.unwrap(), listen().await.unwrap());
    let target = BoxTarget {
        home: home.local_addr().unwrap(),
        community: community.local_addr().unwrap(),
    };
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut it = FakeBox {
            manner,
            flats: (0..flats).map(|_| Vec::new()).collect(),
        };
        for _ in 0..flats * SCREENS {
            it.let_in(&home).await;
        }
        drop(home);
        loop {
            let (stream, from) = community.accept().await.unwrap();
            it.serve(over(stream), from).await;
        }
    });
    (target, serving)
}

impl FakeBox {
    /// The device number begins with that of the flat.
    async fn let_in(&mut self, home: &TcpListener) {
        let (mut stream, _) = home.accept().await.unwrap();
        let mut frame = Vec::new();
        while frame.last() != Some(&0) {
            frame.push(stream.read_u8().await.unwrap());
        }
        frame.pop();
        let join: Value = serde_json::from_slice(&frame).unwrap();
        let (flat, _) = join["values"]["id"]
            .as_str()
            .unwrap()
            .split_once('-')
            .unwrap();
        let mut screen = over(stream);
        let room = Some(flat.to_owned());
        say(&mut screen, &Message::Joined { room, stream: None }).await;
        self.flats[flat.parse::<usize>().unwrap()].push(screen);
    }

    async fn serve(&mut self, mut unit: Channel, from: SocketAddr) {
        let Message::Request(request) = unit.next().await.unwrap() else {
            panic!("no request");
        };
        assert_eq!(request.src.ip, from.ip().to_string());
        let at: usize = request.dest.id.parse().unwrap();
        self.ring(at, &request).await;
        let mut winner = None;
        loop {
            let (who, message) = self.next(at, &mut unit).await;
            match (who, message) {
                (Some(screen), Some(Message::Accept { .. })) if winner.is_none() => {
                    winner = Some(screen);
                    say(&mut unit, &Message::Accept { sid: None }).await;
                    self.end(at, |other| other != screen).await;
                }
                (Some(_), Some(Message::Accept { .. })) => {
                    if self.manner == Manner::TellsEveryAnswer {
                        say(&mut unit, &Message::Accept { sid: None }).await;
                    }
                }
                _ => break,
            }
        }
        if self.manner != Manner::TellsEveryAnswer {
            self.end(at, |screen| Some(screen) == winner).await;
        }
    }

    async fn ring(&mut self, at: usize, request: &Request) {
        let request = Message::Request(Box::new(request.clone()));
        for (flat, screens) in self.flats.iter_mut().enumerate() {
            if flat == at || self.manner == Manner::RingsEverybody {
                for screen in screens {
                    say(screen, &request).await;
                }
            }
        }
    }

    async fn end(&mut self, at: usize, is_ended: impl Fn(usize) -> bool) {
        if self.manner == Manner::TellsEveryAnswer {
            return;
        }
        for (number, screen) in self.flats[at].iter_mut().enumerate() {
            if is_ended(number) {
                say(screen, &Message::End(Ending::default())).await;
            }
        }
    }

    /// Screens before the unit, whose hang-up is later than their late answers; nothing for a
    /// connection that ended.
    async fn next(&mut self, at: usize, unit: &mut Channel) -> (Option<usize>, Option<Message>) {
        poll_fn(|waker| {
            for (number, screen) in self.flats[at].iter_mut().enumerate() {
                if let Poll::Ready(heard) = screen.poll_next(waker) {
                    return Poll::Ready((Some(number), heard.ok()));
                }
            }
            unit.poll_next(waker).map(|heard| (None, heard.ok()))
        })
        .await
    }
}

fn over(stream: TcpStream) -> Channel {
    Channel::over(stream, (Profile::Field, KeepAlive::default()))
}

async fn say(channel: &mut Channel, message: &Message) {
    channel.post(message);
    // A screen that has gone is another's finding.
    drop(channel.flush().await);
}
