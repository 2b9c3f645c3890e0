//! A screen against a scripted box. Source: S3 §2, §3, §4.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use super::running::{ANSWERS, Running, SHORT, listener, ring, say};
use crate::error::SimError;
use crate::fake::web::serve;
use crate::intercom::{
    Alarm, Answer, Channel, Ending, Event, KeepAlive, Manner, Message, OpenDoor, Outcome, Party,
    PartyKind, Profile, Rejection, Screen, ScreenLogin, Why,
};

#[tokio::test]
async fn a_screen_signs_in_joins_rings_and_answers() {
    let stage = Stage::set().await;
    let screen = Running::screen(stage.screen());

    let (mut home, login, join) = stage.let_in().await;
    say(&mut home, ring("s1")).await;
    let answer = home.next().await.unwrap();
    say(&mut home, Message::End(Ending::default())).await;

    assert!(login.starts_with("POST /api/smartbox/login "));
    assert!(
        login.ends_with(
            r#"{"device_id":"screen-1","secret":"s","type":"screen","system":"android"}"#
        )
    );
    assert_eq!(join["name"], "join_family");
    let wanted = json!({"token": "t1", "id": "screen-1", "type": 2});
    assert_eq!(join["values"], wanted);
    assert_eq!(answer, Message::Accept { sid: None });
    let reason = "call_end".to_owned();
    let (outcome, told) = screen.over().await;
    assert_eq!(outcome.unwrap(), Outcome::Talked { reason });
    let room = Some("101".to_owned());
    let stream = Some("http://192.168.1.22:954/stream".to_owned());
    assert!(told.contains(&Event::Heard(Message::Joined { room, stream })));
}

#[tokio::test]
async fn a_screen_opens_the_door_while_it_rings_and_declines() {
    let stage = Stage::set().await;
    let manner = Manner {
        answer: Answer::Reject(Why::Undefined),
        open: OpenDoor::Ringing,
        ..ANSWERS
    };
    let screen = Running::screen(Screen {
        manner,
        ..stage.screen()
    });

    let (mut home, _, _) = stage.let_in().await;
    say(&mut home, ring("s1")).await;
    let said = [home.next().await.unwrap(), home.next().await.unwrap()];

    let declined = Message::Reject(Rejection::of("s1", Why::Undefined));
    assert_eq!(said, [Message::OpenDoor { sid: None }, declined]);
    assert_eq!(screen.over().await.0.unwrap(), Outcome::Declined);
}

#[tokio::test]
async fn a_call_that_ends_before_the_answer_is_missed() {
    let stage = Stage::set().await;
    let manner = Manner {
        answer: Answer::Ignore,
        ..ANSWERS
    };
    let screen = Running::screen(Screen {
        manner,
        ..stage.screen()
    });
    let reason = "answered_elsewhere".to_owned();

    let (mut home, _, _) = stage.let_in().await;
    say(&mut home, ring("s1")).await;
    let end = Ending {
        reason: Some(reason.clone()),
        ..Ending::default()
    };
    say(&mut home, Message::End(end)).await;

    assert_eq!(screen.over().await.0.unwrap(), Outcome::Missed { reason });
}

#[tokio::test]
async fn a_screen_calls_out_in_the_name_of_its_room() {
    let stage = Stage::set().await;
    let dest = Party {
        id: "2-1-1".to_owned(),
        kind: Some(PartyKind::Outdoor),
        ..Party::default()
    };
    let screen = Running::screen(Screen {
        call: Some((dest, SHORT)),
        ..stage.screen()
    });

    let (mut home, _, _) = stage.let_in().await;
    let asked = home.next().await.unwrap();
    say(&mut home, Message::Accept { sid: None }).await;
    let end = home.next().await.unwrap();

    let Message::Request(request) = asked else {
        panic!("{asked}");
    };
    assert_eq!(request.src.id, "101");
    assert_eq!(request.src.kind, Some(PartyKind::Screen));
    assert_eq!(request.src.audio, "56780");
    assert_eq!(request.dest.video, "56782");
    assert!(matches!(end, Message::End(_)));
    let reason = "hangup".to_owned();
    assert_eq!(screen.over().await.0.unwrap(), Outcome::Talked { reason });
}

#[tokio::test]
async fn a_screen_that_is_not_let_in_says_why() {
    let stage = Stage::set().await;
    let screen = Running::screen(stage.screen());

    let (mut home, _, _) = stage.meet().await;
    let reason = "token expired".to_owned();
    say(&mut home, Message::JoinRefused { reason }).await;

    let (outcome, _) = screen.over().await;
    assert!(matches!(outcome, Err(SimError::JoinRefused { reason }) if reason == "token expired"));
}

#[tokio::test]
async fn a_screen_that_loses_its_box_joins_again_and_hears_alarms() {
    let stage = Stage::set().await;
    let mut screen = Running::screen(Screen {
        stay: true,
        ..stage.screen()
    });
    let alarm = Message::Alarm(Alarm {
        port: "3".to_owned(),
        name: "smoke".to_owned(),
        message: String::new(),
    });

    let (home, _, _) = stage.let_in().await;
    drop(home);
    screen
        .until(|event| matches!(event, Event::LinkLost { .. }))
        .await;
    let (mut home, _, _) = stage.let_in().await;
    say(&mut home, alarm.clone()).await;

    let is_alarm = |event: &Event| *event == Event::Heard(alarm.clone());
    screen.until(is_alarm).await;
}

/// A server of HTTP and a box.
struct Stage {
    web: TcpListener,
    home: TcpListener,
}

impl Stage {
    async fn set() -> Self {
        Self {
            web: listener().await,
            home: listener().await,
        }
    }

    fn screen(&self) -> Screen {
        Screen {
            login: ScreenLogin {
                device_id: "screen-1".to_owned(),
                secret: "s".to_owned(),
            },
            http: format!("http://{}", self.web.local_addr().unwrap()),
            home: self.home.local_addr().unwrap(),
            profile: Profile::V04,
            keep_alive: KeepAlive::default(),
            from: None,
            central: None,
            call: None,
            manner: ANSWERS,
            stay: false,
            limit: Some(Duration::from_secs(60)),
            clock: || 5_000_056_780,
        }
    }

    /// The screen's connection, its login as text, and its first message.
    async fn meet(&self) -> (Channel, String, Value) {
        let granted = r#"{"code":200,"message":"成功","data":{"token":"t1","expires_at":9}}"#;
        let login = serve(&self.web, "200 OK", granted).await;
        let (mut stream, _) = self.home.accept().await.unwrap();
        let join = loop {
            let message = message(&mut stream).await;
            if message["name"] != "call_keep" {
                break message;
            }
        };
        let manner = (Profile::V04, KeepAlive::default());
        (Channel::over(stream, manner), login, join)
    }

    async fn let_in(&self) -> (Channel, String, Value) {
        let (mut home, login, join) = self.meet().await;
        let joined = Message::Joined {
            room: Some("101".to_owned()),
            stream: Some("http://192.168.1.22:954/stream".to_owned()),
        };
        say(&mut home, joined).await;
        (home, login, join)
    }
}

async fn message(stream: &mut TcpStream) -> Value {
    let mut frame = Vec::new();
    loop {
        match stream.read_u8().await.unwrap() {
            0 => return serde_json::from_slice(&frame).unwrap(),
            byte => frame.push(byte),
        }
    }
}
