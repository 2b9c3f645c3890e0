//! The load against a small box that is right, and against ones that are wrong.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use super::fake::{Manner, SCREENS, fake_box};
use super::progress::{Progress, Seat, Step};
use super::*;
use crate::intercom::{Ending, Message, Party, Request};
use crate::load::wrong::Wrong;

#[tokio::test]
async fn rounds_of_calls_have_one_winner_each() {
    let (target, _boxes) = fake_box(Manner::Right, 2).await;

    let load = join(target, 2).await;
    let tally = load.run(TEN_ROUNDS).await;

    assert_eq!(tally.reasons, Vec::<String>::new());
    assert_eq!((tally.started, tally.completed), (20, 20));
    assert_eq!(tally.press_to_ring().count, 20 * SCREENS);
    assert_eq!(tally.accept_to_call_end().count, 20 * (SCREENS - 1));
    assert_eq!(tally.strangers_rung, 0);
}

#[tokio::test]
async fn two_winners_are_counted() {
    let (target, _boxes) = fake_box(Manner::TellsEveryAnswer, 1).await;

    let load = join(target, 1).await;
    let contested = BoxRounds {
        rounds: 1,
        at_once: 1,
        contested_every: 1,
    };
    let tally = load.run(contested).await;

    assert_eq!((tally.started, tally.completed), (1, 0));
    assert_eq!(tally.two_winners, 1);
}

#[tokio::test]
async fn a_screen_of_another_flat_that_rings_is_counted() {
    let (target, _boxes) = fake_box(Manner::RingsEverybody, 2).await;

    let load = join(target, 2).await;
    let one = BoxRounds {
        rounds: 1,
        at_once: 1,
        contested_every: 0,
    };
    let tally = load.run(one).await;

    assert_eq!((tally.completed, tally.reasons), (1, vec![]));
    assert_eq!(tally.strangers_rung, SCREENS);
}

#[test]
fn a_call_waits_for_every_screen_and_every_loser() {
    let mut call = Call::new();

    assert_eq!(call.hears(Seat::Screen(0), ring()), Ok(Step::Wait));
    assert_eq!(call.hears(Seat::Screen(1), ring()), Ok(Step::Answer));
    call.progress.answers(1, call.now);
    assert_eq!(call.hears(Seat::Unit, ACCEPT), Ok(Step::Wait));
    assert_eq!(call.progress.missing(), Wrong::MissingEnd);
    assert_eq!(call.hears(Seat::Screen(0), end()), Ok(Step::HangUp));
    assert_eq!(call.hears(Seat::Screen(1), end()), Ok(Step::Done));

    let delays = call.progress.delays();
    let ms = Duration::from_millis;
    assert_eq!(delays.press_to_ring, [ms(1), ms(2)]);
    assert_eq!(delays.accept_to_call_end, [ms(2)]);
}

#[test]
fn what_must_not_happen_has_a_name() {
    let ringing = |call: &mut Call| {
        call.hears(Seat::Screen(0), ring()).unwrap();
        call.hears(Seat::Screen(1), ring()).unwrap();
        call.progress.answers(0, call.now);
    };

    let mut call = Call::new();
    call.hears(Seat::Screen(0), ring()).unwrap();
    assert_eq!(call.progress.missing(), Wrong::NotRung);
    assert_eq!(
        call.hears(Seat::Screen(0), ring()),
        Err(Wrong::StrangerRung)
    );

    let mut call = Call::new();
    ringing(&mut call);
    assert_eq!(call.progress.missing(), Wrong::NobodyWon);
    call.hears(Seat::Screen(0), end()).unwrap();
    assert_eq!(call.hears(Seat::Screen(1), end()), Err(Wrong::NobodyWon));

    let mut call = Call::new();
    ringing(&mut call);
    call.hears(Seat::Unit, ACCEPT).unwrap();
    let loser = Err(Wrong::TwoWinners);
    assert_eq!(call.hears(Seat::Screen(0), end()), loser);

    let mut call = Call::new();
    let busy = Wrong::Refused("call_end".to_owned());
    assert_eq!(call.hears(Seat::Unit, end()), Err(busy));
}

const TEN_ROUNDS: BoxRounds = BoxRounds {
    rounds: 10,
    at_once: 2,
    contested_every: 3,
};

const ACCEPT: Message = Message::Accept { sid: None };

fn ring() -> Message {
    Message::Request(Box::new(Request {
        sid: "s".to_owned(),
        src: Party::default(),
        dest: Party::default(),
    }))
}

fn end() -> Message {
    Message::End(Ending::default())
}

/// A call to two screens whose every message comes a millisecond after the one before.
struct Call {
    progress: Progress,
    now: Instant,
}

impl Call {
    fn new() -> Self {
        let now = clock();
        Self {
            progress: Progress::new(2, now),
            now,
        }
    }

    fn hears(&mut self, seat: Seat, message: Message) -> Result<Step, Wrong> {
        self.now += Duration::from_millis(1);
        self.progress.note(seat, &message, self.now)?;
        self.progress.step()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is where clocks come from"
)]
fn clock() -> Instant {
    Instant::now()
}

async fn join(target: BoxTarget, flats: usize) -> BoxLoad {
    let flats: Vec<BoxFlat> = (0..flats).map(flat).collect();
    let units = [1, 2].map(|number| BoxUnit {
        id: format!("2-1-{number}"),
        ip: IpAddr::V4(Ipv4Addr::new(127, 0, 1, number)),
    });
    BoxLoad::join(target, (&flats, &units), clock)
        .await
        .unwrap()
}

/// Its screens joined in order, so the box knows them by their numbers.
fn flat(number: usize) -> BoxFlat {
    let screens = (0..SCREENS).map(|screen| BoxScreen {
        device_id: format!("{number}-{screen}"),
        token: "t".to_owned(),
    });
    BoxFlat {
        number: number.to_string(),
        screens: screens.collect(),
    }
}
