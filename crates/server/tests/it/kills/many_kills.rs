//! Doors and phones call without pause while SIGKILL meets the server at random moments, its start
//! included.
//!
//! Each ear checks what it hears; the judge checks at the end what the server knows.

use std::sync::Arc;
use std::time::Duration;

use testkit::Dice;
use testkit::rounds::rounds;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::judge;
use super::ledger::Ledger;
use super::town::{Crowd, Day, Stops, Town};
use crate::community::{Community, SOON};
use crate::running::Running;

/// The longest time between two kills.
const LIFE_MS_MAX: u64 = 900;

/// The longest time that a start is left before it is killed; a whole one takes about this long.
const START_MS_MAX: u64 = 60;

const POLL: Duration = Duration::from_millis(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_at_random_moments_lose_nothing_that_was_acknowledged() {
    let (kills, seed) = (rounds("KOUMEN_TEST_KILLS", 50), Dice::seed());
    println!("KOUMEN_TEST_SEED={seed} KOUMEN_TEST_KILLS={kills}");
    let settings = [("CALLS__RING_S", "5"), ("LIMITS__CALLS_PER_MIN", "0")];
    let mut community = Community::on(Running::with(&settings)).await;
    let town = Town::found(&community).await;
    let mut day = Day {
        community: &community,
        ledger: Arc::default(),
        dice: Dice::new(seed),
        stops: Stops::default(),
    };
    let mut crowd = town.rise(&mut day);
    let Day {
        ledger,
        mut dice,
        stops,
        ..
    } = day;

    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(dice.below(LIFE_MS_MAX))).await;
        if dice.chance(20) {
            catch_up(&mut crowd, &ledger).await;
        }
        kill(&mut community.server, &ledger, &mut dice).await;
        crowd.check();
    }

    stops.doors.cancel();
    all_end(&mut crowd.doors).await;
    judge::wait_for_every_end(&community, &ledger).await;
    stops.phones.cancel();
    all_end(&mut crowd.phones).await;
    kill(&mut community.server, &ledger, &mut dice).await;
    catch_up(&mut crowd, &ledger).await;
    let unheard: Vec<_> = crowd.hearings.iter().map(|one| one.open()).collect();
    assert!(unheard.iter().all(|open| open.is_empty()), "{unheard:?}");
    stops.ears.cancel();
    all_end(&mut crowd.ears).await;

    judge::check_records(&community, &ledger).await;
    community.server.kill();
    judge::check_nothing_lives(&community).await;
    let retold: u64 = crowd.hearings.iter().map(|one| one.retold()).sum();
    let calls = ledger.all().len();
    println!("{kills} kills, {calls} calls, {retold} times told again");
}

/// Kills the server, sometimes its next start as well, and starts it again.
async fn kill(server: &mut Running, ledger: &Ledger, dice: &mut Dice) {
    server.kill();
    ledger.next_life();
    while dice.chance(20) {
        let delay = Duration::from_millis(dice.below(START_MS_MAX));
        server.start_and_kill(delay).await;
        ledger.next_life();
    }
    server.restart();
}

/// Waits until every ear has heard of all that was open when this life began.
async fn catch_up(crowd: &mut Crowd, ledger: &Ledger) {
    let life = ledger.life();
    let all = async {
        loop {
            crowd.check();
            if crowd.hearings.iter().all(|one| one.caught_up() >= life) {
                return;
            }
            tokio::time::sleep(POLL).await;
        }
    };
    if timeout(SOON, all).await.is_err() {
        let late = crowd.hearings.iter().filter(|one| one.caught_up() < life);
        let late: Vec<_> = late.map(|one| (&one.name, one.open())).collect();
        panic!("not told what is current in life {life}: {late:?}");
    }
}

async fn all_end(crew: &mut JoinSet<()>) {
    let all = async {
        while let Some(ended) = crew.join_next().await {
            ended.unwrap();
        }
    };
    timeout(2 * SOON, all)
        .await
        .expect("everyone stops when asked");
}
