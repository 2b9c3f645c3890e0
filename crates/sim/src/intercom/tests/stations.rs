//! Units at entrances and property desks, past every box. Source: S3 §2, §5 (routes 6 and 7).

use std::time::Duration;

use super::running::{
    ANSWERS, LOCALHOST, Running, SHORT, accept, dial, listener, ring, say, station,
};
use crate::intercom::{
    Alarm, Answer, Calling, Channel, Ending, Event, KeepAlive, Manner, Message, OpenDoor, Outcome,
    Party, PartyKind, Patience, Profile, Rejection, Station, Why,
};

#[tokio::test]
async fn a_unit_calls_the_centre_which_opens_the_door() {
    let manner = Manner {
        open: OpenDoor::Talking,
        talk: Duration::ZERO,
        ..ANSWERS
    };
    let mut centre = Running::station(Station {
        manner,
        ..station(PartyKind::PropertyApp, "desk")
    });
    let patience = Patience {
        talk: Duration::from_secs(60),
        ..SHORT
    };
    let unit = calling(PartyKind::Outdoor, centre.listens().await, patience);

    let (unit, told) = Running::station(unit).over().await;
    let (centre, heard) = centre.over().await;

    let reason = "hangup".to_owned();
    assert_eq!(
        unit.unwrap(),
        Outcome::Talked {
            reason: reason.clone()
        }
    );
    assert_eq!(centre.unwrap(), Outcome::Talked { reason });
    assert!(told.contains(&Event::LockOpened));
    let Some(Event::Heard(Message::Request(request))) = heard.first() else {
        panic!("{heard:?}");
    };
    assert_eq!(request.src.video, "http://127.0.0.1:954/stream/56780");
    assert_eq!(request.dest.audio, "http://127.0.0.1:954/stream/56783");
}

#[tokio::test]
async fn the_centre_calls_a_unit_and_opens_its_door() {
    let mut unit = Running::station(Station {
        profile: Profile::Field,
        ..station(PartyKind::Outdoor, "2-1-1")
    });
    let patience = Patience {
        open: true,
        ..SHORT
    };
    let centre = calling(PartyKind::Centre, unit.listens().await, patience);

    let (centre, _) = Running::station(centre).over().await;
    let (unit, told) = unit.over().await;

    let reason = "hangup".to_owned();
    assert_eq!(
        centre.unwrap(),
        Outcome::Talked {
            reason: reason.clone()
        }
    );
    assert_eq!(unit.unwrap(), Outcome::Talked { reason });
    assert!(told.contains(&Event::LockOpened));
}

#[tokio::test]
async fn a_desk_has_no_lock_to_open() {
    let mut centre = Running::station(station(PartyKind::Centre, "desk"));
    let mut caller = dial(centre.listens().await).await;

    say(&mut caller, ring("s1")).await;
    let answer = caller.next().await.unwrap();
    say(&mut caller, Message::OpenDoor { sid: None }).await;
    say(&mut caller, Message::End(Ending::default())).await;

    assert_eq!(answer, Message::Accept { sid: None });
    let (_, told) = centre.over().await;
    assert!(told.contains(&Event::PassedOver(Message::OpenDoor { sid: None })));
    assert!(!told.contains(&Event::LockOpened));
}

#[tokio::test]
async fn a_refusal_tells_its_reason_in_every_edition() {
    for profile in [Profile::V04, Profile::V05, Profile::Field] {
        let manner = Manner {
            answer: Answer::Reject(Why::Denied),
            ..ANSWERS
        };
        let mut centre = Running::station(Station {
            manner,
            profile,
            ..station(PartyKind::Centre, "desk")
        });
        let unit = calling(PartyKind::Outdoor, centre.listens().await, SHORT);

        let (unit, _) = Running::station(unit).over().await;

        let (why, reason) = (Some(Why::Denied), "call_in_denied".to_owned());
        assert_eq!(unit.unwrap(), Outcome::Refused { why, reason });
        assert_eq!(centre.over().await.0.unwrap(), Outcome::Declined);
    }
}

#[tokio::test]
async fn a_caller_takes_back_a_call_that_is_ignored() {
    let manner = Manner {
        answer: Answer::Ignore,
        ..ANSWERS
    };
    let mut centre = Running::station(Station {
        manner,
        ..station(PartyKind::Centre, "desk")
    });
    let patience = Patience {
        ring: Duration::ZERO,
        ..SHORT
    };
    let unit = calling(PartyKind::Outdoor, centre.listens().await, patience);

    let (unit, _) = Running::station(unit).over().await;
    let (centre, _) = centre.over().await;

    let reason = "cancelled".to_owned();
    assert_eq!(unit.unwrap(), Outcome::Cancelled);
    assert_eq!(centre.unwrap(), Outcome::Missed { reason });
}

#[tokio::test]
async fn a_second_caller_hears_that_the_line_is_busy() {
    let mut unit = Running::station(station(PartyKind::Outdoor, "2-1-1"));
    let at = unit.listens().await;
    let (mut idle, mut one, mut other) = (dial(at).await, dial(at).await, dial(at).await);

    // A connection that says nothing takes no line.
    idle.flush().await.unwrap();
    say(&mut one, ring("s1")).await;
    let first = one.next().await.unwrap();
    say(&mut other, ring("s2")).await;
    let second = other.next().await.unwrap();
    say(&mut one, Message::End(Ending::default())).await;

    assert_eq!(first, Message::Accept { sid: None });
    assert_eq!(second, Message::Reject(Rejection::of("s2", Why::LineBusy)));
    let (outcome, told) = unit.over().await;
    assert!(matches!(outcome, Ok(Outcome::Talked { .. })));
    let caller = "2-1-1".to_owned();
    assert!(told.contains(&Event::TurnedAway { caller }));
}

#[tokio::test]
async fn an_end_of_another_call_ends_nothing() {
    let mut unit = Running::station(station(PartyKind::Outdoor, "2-1-1"));
    let late = Message::End(Ending {
        sid: Some("s0".to_owned()),
        ..Ending::default()
    });
    let manner = (Profile::V04, KeepAlive::default());
    let at = unit.listens().await;
    let mut caller = Channel::connect(at, None, manner).await.unwrap();

    say(&mut caller, ring("s1")).await;
    let answer = caller.next().await.unwrap();
    say(&mut caller, late.clone()).await;
    say(&mut caller, Message::End(Ending::default())).await;

    assert_eq!(answer, Message::Accept { sid: None });
    let (outcome, told) = unit.over().await;
    let reason = "call_end".to_owned();
    assert_eq!(outcome.unwrap(), Outcome::Talked { reason });
    assert!(told.contains(&Event::PassedOver(late)));
}

#[tokio::test]
async fn a_caller_that_vanishes_frees_the_line_for_the_next() {
    let mut unit = Running::station(Station {
        stay: true,
        ..station(PartyKind::Outdoor, "2-1-1")
    });
    let at = unit.listens().await;

    for sid in ["s1", "s2"] {
        let mut caller = dial(at).await;
        say(&mut caller, ring(sid)).await;
        assert_eq!(caller.next().await.unwrap(), Message::Accept { sid: None });
    }
}

#[tokio::test]
async fn a_centre_takes_an_alarm() {
    let mut centre = Running::station(Station {
        takes_alarms: true,
        ..station(PartyKind::Centre, "desk")
    });
    let mut server = dial(centre.listens().await).await;
    let alarm = Alarm {
        port: "3".to_owned(),
        name: "smoke".to_owned(),
        message: "in the kitchen".to_owned(),
    };

    say(&mut server, Message::Alarm(alarm.clone())).await;
    let answer = server.next().await.unwrap();

    let (outcome, told) = centre.over().await;
    assert_eq!(outcome.unwrap(), Outcome::Alarmed);
    assert_eq!(told[0], Event::Heard(Message::Alarm(alarm)));
    let (port, name) = ("3".to_owned(), "smoke".to_owned());
    assert_eq!(answer, Message::AlarmTaken { port, name });
}

#[tokio::test]
async fn a_unit_behind_a_box_opens_as_often_as_it_is_told() {
    let home = listener().await;
    let to = home.local_addr().unwrap();
    let mut unit = calling(PartyKind::Outdoor, to, SHORT);
    if let Some(call) = &mut unit.call {
        call.dest.kind = Some(PartyKind::InnerBox);
        call.dest.id = "2-1-1-1".to_owned();
    }
    let unit = Running::station(unit);

    let mut caller = accept(&home).await;
    let Message::Request(request) = caller.next().await.unwrap() else {
        panic!("no request");
    };
    for _ in 0..2 {
        say(&mut caller, Message::OpenDoor { sid: None }).await;
    }
    say(&mut caller, Message::End(Ending::default())).await;

    let (outcome, told) = unit.over().await;
    let reason = "call_end".to_owned();
    assert_eq!(outcome.unwrap(), Outcome::Unanswered { reason });
    let opened = told.iter().filter(|event| **event == Event::LockOpened);
    assert_eq!(opened.count(), 2);
    assert_eq!(request.src.kind, Some(PartyKind::Outdoor));
    assert_eq!(request.dest.id, "2-1-1-1");
    assert_eq!(request.dest.port, Some(to.port()));
    let streams = [request.src.video, request.dest.audio];
    assert_eq!(streams, ["56780", "56782"]);
}

#[tokio::test]
async fn a_run_ends_with_its_time() {
    let idle = Station {
        limit: Some(Duration::ZERO),
        ..station(PartyKind::Centre, "desk")
    };

    let (outcome, _) = Running::station(idle).over().await;

    assert_eq!(outcome.unwrap(), Outcome::TimeUp);
}

/// A party that calls whoever listens there, and takes no calls itself.
fn calling(kind: PartyKind, to: std::net::SocketAddr, patience: Patience) -> Station {
    let dest = match kind {
        PartyKind::Outdoor => PartyKind::PropertyApp,
        PartyKind::InnerBox | PartyKind::Screen | PartyKind::PropertyApp | PartyKind::Centre => {
            PartyKind::Outdoor
        }
    };
    let dest = Party {
        kind: Some(dest),
        ..Party::default()
    };
    Station {
        listen: None,
        from: Some(LOCALHOST.ip()),
        call: Some(Calling { to, dest, patience }),
        ..station(kind, "2-1-1")
    }
}
