//! A town for the kills: four doors, three flats of two residents, each with an ear and a hand.

use std::sync::Arc;

use serde_json::{Value, json};
use sim::{DoorLogin, PhoneLogin};
use testkit::Dice;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::asking::Client;
use super::ear::{Ear, Hearing, Owner};
use super::hand::Hand;
use super::ledger::Ledger;
use crate::community::Community;

pub(super) const FLATS: [&str; 3] = ["2-201", "2-202", "2-203"];

/// Offers that may wait for a phone's hand.
const OFFERS_MAX: usize = 1024;

const PASSWORD: &str = "correct horse";

/// Who lives there, as they sign in.
pub(super) struct Town {
    doors: Vec<DoorLogin>,
    phones: Vec<PhoneLogin>,
}

/// What everyone works with.
pub(super) struct Day<'a> {
    pub(super) community: &'a Community,
    pub(super) ledger: Arc<Ledger>,
    pub(super) dice: Dice,
    pub(super) stops: Stops,
}

/// Everyone at work.
#[derive(Default)]
pub(super) struct Crowd {
    pub(super) hearings: Vec<Arc<Hearing>>,
    pub(super) doors: JoinSet<()>,
    pub(super) phones: JoinSet<()>,
    pub(super) ears: JoinSet<()>,
}

/// The three ends of the day, in this order.
#[derive(Default)]
pub(super) struct Stops {
    pub(super) doors: CancellationToken,
    pub(super) phones: CancellationToken,
    pub(super) ears: CancellationToken,
}

impl Town {
    /// Moves in.
    pub(super) async fn found(community: &Community) -> Self {
        let made = async |path: &str, body: Value| made(community, path, &body).await;
        let here = made("communities", json!({"name": "Towers"})).await["id"].clone();
        let mut phones = Vec::new();
        for number in FLATS {
            let flat = made("flats", json!({"community": here, "number": number})).await;
            for who in ["a", "b"] {
                let name = format!("{number}-{who}");
                let body = json!({"flat": flat["id"], "name": name, "password": PASSWORD});
                made("residents", body).await;
                let login = sim::login(&community.server.address(), &name, PASSWORD).await;
                phones.push(login.unwrap().into_phone_login());
            }
        }
        let mut doors = Vec::new();
        for id in ["north", "east", "south", "west"] {
            let body = json!({"community": here, "id": id, "name": id});
            let secret = made("devices", body).await["secret"].clone();
            doors.push(DoorLogin {
                device_id: id.to_owned(),
                secret: secret.as_str().unwrap().to_owned(),
            });
        }
        Self { doors, phones }
    }

    /// Sets everyone to work.
    pub(super) fn rise(&self, day: &mut Day<'_>) -> Crowd {
        let (http, server) = (&day.community.server.client, &*day.community.server.http);
        let mut crowd = Crowd::default();
        for login in &self.doors {
            let client = Client::door(http, server, login);
            let hand = crowd.hire(&login.device_id, Owner::Door(login.clone()), client, day);
            let stop = day.stops.doors.clone();
            crowd
                .doors
                .spawn(hand.press_on(login.device_id.clone(), stop));
        }
        for login in &self.phones {
            let (offered, offers) = mpsc::channel(OFFERS_MAX);
            let client = Client::phone(http, server, login);
            let owner = Owner::Phone(login.clone(), offered);
            let hand = crowd.hire(&login.resident_id, owner, client, day);
            let stop = day.stops.phones.clone();
            let resident = login.resident_id.clone();
            crowd.phones.spawn(hand.answer_on(resident, offers, stop));
        }
        crowd
    }
}

impl Crowd {
    /// Starts the ear and hands the hand over.
    fn hire(&mut self, name: &str, owner: Owner, client: Client, day: &mut Day<'_>) -> Hand {
        let hearing = Hearing::new(name);
        self.hearings.push(Arc::clone(&hearing));
        let ear = Ear {
            owner,
            address: day.community.server.address(),
            hearing: Arc::clone(&hearing),
            ledger: Arc::clone(&day.ledger),
        };
        self.ears.spawn(ear.listen(day.stops.ears.clone()));
        Hand {
            client,
            hearing,
            ledger: Arc::clone(&day.ledger),
            dice: day.dice.fork(),
        }
    }

    /// Fails as soon as one of them has failed.
    pub(super) fn check(&mut self) {
        for crew in [&mut self.doors, &mut self.phones, &mut self.ears] {
            while let Some(ended) = crew.try_join_next() {
                ended.unwrap();
            }
        }
    }
}

async fn made(community: &Community, what: &str, body: &Value) -> Value {
    let bearer = format!("Bearer {}", community.operator);
    let path = format!("/v1/{what}");
    let headers = [("authorization", &*bearer)];
    let (status, reply) = community.server.post(&path, &headers, body).await;
    assert_eq!(status, 201, "{path}: {reply}");
    reply
}
