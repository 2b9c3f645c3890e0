//! Server and broker are killed at random moments of one call after another. Whoever listens comes back
//! by itself and hears how each call stands; nobody hears of a call that is over.

use std::collections::HashSet;

use serde_json::json;
use sim::PhoneLogin;
use testkit::Dice;
use testkit::rounds::rounds;

use crate::external::ear::Ear;
use crate::external::estate::{Estate, Gate};

/// A resident with a phone that knows which calls are over for it.
struct Witness {
    login: PhoneLogin,
    ear: Ear,
    over: HashSet<String>,
}

impl Witness {
    async fn settle(estate: &Estate, name: &str) -> Self {
        let (login, registered) = estate.register(name, &format!("{name}_1")).await;
        let topics = &registered.topics;
        let own = [
            &*topics.incoming_calls,
            &topics.call_control,
            &topics.device_sync,
        ];
        Self {
            ear: estate.ear(&registered, &own).await,
            over: HashSet::new(),
            login,
        }
    }

    /// Listens until it hears of the call with one of these actions; an offer has none.
    async fn hears(&mut self, call: &str, actions: &[Option<&str>]) {
        loop {
            let said = self.ear.next().await.said;
            let (about, heard) = (said["call_id"].as_str().unwrap(), said["action"].as_str());
            let is_ghost = heard.is_none() && self.over.contains(about);
            assert!(!is_ghost, "{about} rings after its end");
            if matches!(heard, Some("hangup" | "answered_elsewhere")) {
                self.over.insert(about.to_owned());
            }
            if about == call && actions.contains(&heard) {
                return;
            }
        }
    }
}

/// Who is killed, and when.
struct Fate<'a> {
    dice: &'a mut Dice,
    victim: u64,
    moment: u64,
    now: u64,
}

impl<'a> Fate<'a> {
    fn new(dice: &'a mut Dice) -> Self {
        let (victim, moment) = (dice.below(3), dice.below(4));
        Self {
            dice,
            victim,
            moment,
            now: 0,
        }
    }

    /// The next moment of the call. If it is the one, the victims die and come back, the broker
    /// perhaps only after `deed`, which needs the server alone.
    async fn befall(&mut self, estate: &mut Estate, deed: impl AsyncFnOnce(&Estate)) {
        let is_now = self.now == self.moment;
        self.now += 1;
        if !is_now {
            return deed(estate).await;
        }
        let (kills_server, kills_broker) = (self.victim != 1, self.victim != 0);
        if kills_server {
            estate.community.server.kill();
        }
        if kills_broker {
            estate.broker.kill();
        }
        if kills_server {
            estate.restart_server();
        }
        let is_late = self.dice.chance(50);
        if kills_broker && !is_late {
            estate.broker.restart().await;
        }
        deed(estate).await;
        if kills_broker && is_late {
            estate.broker.restart().await;
        }
    }
}

async fn act(estate: &Estate, login: &PhoneLogin, call: &str, action: &str) {
    let body = json!({"call_id": call, "action": action});
    let path = "/api/mqtt/calls/callee-action";
    let (status, reply) = estate.as_resident(login, path, &body).await;
    assert_eq!(status, 200, "{reply}");
}

/// A call from press to hang-up.
async fn call(estate: &mut Estate, gate: &mut Gate, people: &mut [Witness; 2], dice: &mut Dice) {
    let mut fate = Fate::new(dice);
    let mut id = String::new();
    let [winner, loser] = people;

    fate.befall(estate, async |estate: &Estate| {
        let pressed = estate.press(gate).await;
        pressed["call_id"].as_str().unwrap().clone_into(&mut id);
    })
    .await;
    winner.hears(&id, &[None]).await;
    loser.hears(&id, &[None]).await;
    fate.befall(estate, async |estate: &Estate| {
        act(estate, &winner.login, &id, "accepted").await;
    })
    .await;
    gate.ear.about(&id, "accepted").await;
    winner.hears(&id, &[Some("accepted")]).await;
    loser.hears(&id, &[Some("answered_elsewhere")]).await;
    fate.befall(estate, async |estate: &Estate| {
        act(estate, &winner.login, &id, "hangup").await;
    })
    .await;
    gate.ear.about(&id, "hangup").await;
    winner.hears(&id, &[Some("hangup")]).await;
}

#[tokio::test]
async fn calls_go_on_whoever_is_killed() {
    let (kills, seed) = (rounds("KOUMEN_TEST_EXTERNAL_KILLS", 6), Dice::seed());
    println!("KOUMEN_TEST_SEED={seed} KOUMEN_TEST_EXTERNAL_KILLS={kills}");
    let mut dice = Dice::new(seed);
    let settings = [("CALLS__RING_S", "120"), ("LIMITS__CALLS_PER_MIN", "0")];
    let mut estate = Estate::with(&settings).await;
    let mut gate = estate.gate().await;
    let mum = Witness::settle(&estate, "mum").await;
    let mut people = [mum, Witness::settle(&estate, "dad").await];

    for _ in 0..kills {
        if dice.chance(50) {
            people.swap(0, 1);
        }
        call(&mut estate, &mut gate, &mut people, &mut dice).await;
    }

    let records = estate.community.records().await;
    let shown = records.len().min(usize::try_from(kills).unwrap());
    assert!(
        shown > 0 && records.iter().all(|one| one["outcome"] == "answered"),
        "{records:?}"
    );
}
