//! Publishing in process: to whom, and what is told back.
//! Messages are transient unless a test is about keeping them.

use std::sync::Arc;

use broker::{Audience, Broker, Message, Outcome, OutcomeFn, Subject};
use tokio::sync::mpsc;

use crate::client::{Client, Hello, PATIENCE, Speaks, hello};
use crate::owner::House;

fn note(payload: &str, qos: u8, audience: Audience) -> Message {
    Message {
        topic: "calls".into(),
        payload: payload.to_owned().into(),
        qos,
        retain: false,
        transient: true,
        expires: None,
        audience,
    }
}

fn subjects(names: &[&str]) -> Audience {
    Audience::Subjects(names.iter().map(|name| Subject::from(*name)).collect())
}

/// Publishes and returns where the outcomes come out.
fn publish(broker: &Broker, message: Message) -> mpsc::Receiver<Outcome> {
    let (tell, told) = mpsc::channel(100);
    let outcome: OutcomeFn = Arc::new(move |outcome| tell.try_send(outcome).unwrap());
    broker.publish(message, Some(outcome));
    told
}

async fn next(told: &mut mpsc::Receiver<Outcome>) -> Outcome {
    tokio::time::timeout(PATIENCE, told.recv())
        .await
        .expect("no outcome")
        .unwrap()
}

#[tokio::test]
async fn only_the_named_subjects_receive() {
    let house = House::new();
    let mut clients = Vec::new();
    for name in ["ann", "bob", "cid"] {
        let (mut client, _) = Client::connect(house.address, &hello(Speaks::V311, name)).await;
        client.subscribe(&[("calls", 1)]).await;
        clients.push(client);
    }

    house
        .broker
        .publish(note("for two", 1, subjects(&["ann", "cid"])), None);
    house
        .broker
        .publish(note("for all", 1, Audience::Everyone), None);

    assert_eq!(clients[0].text().await, "for two");
    assert_eq!(clients[0].text().await, "for all");
    assert_eq!(clients[1].text().await, "for all");
    assert_eq!(clients[2].text().await, "for two");
}

#[tokio::test]
async fn only_the_named_link_receives() {
    let house = House::new();
    let tablet = Hello {
        user: "ann".into(),
        ..hello(Speaks::V5, "tablet")
    };
    let phone = Hello {
        user: "ann".into(),
        ..hello(Speaks::V5, "phone")
    };
    let (mut tablet, _) = Client::connect(house.address, &tablet).await;
    let (mut phone, _) = Client::connect(house.address, &phone).await;
    tablet.subscribe(&[("calls", 1)]).await;
    phone.subscribe(&[("calls", 1)]).await;
    let links = house.broker.links_of("ann");
    let link = links
        .iter()
        .find(|link| &*link.client == "phone")
        .unwrap()
        .id;

    house
        .broker
        .publish(note("phone", 1, Audience::Links(vec![link])), None);

    assert_eq!(phone.text().await, "phone");
    tablet.settle().await;
}

#[tokio::test]
async fn the_outcome_follows_the_puback_or_the_end_of_the_link() {
    let house = House::new();
    let (mut ann, _) = Client::connect(house.address, &hello(Speaks::V311, "ann")).await;
    ann.subscribe(&[("calls", 1)]).await;
    let link = house.broker.links_of("ann")[0].id;

    let mut told = publish(&house.broker, note("1", 1, subjects(&["ann"])));
    let message = ann.message().await;
    assert!(told.try_recv().is_err());
    ann.ack(&message).await;
    assert_eq!(next(&mut told).await, Outcome::Acknowledged(link));

    let mut told = publish(&house.broker, note("2", 1, subjects(&["ann"])));
    ann.message().await;
    drop(ann);
    assert_eq!(next(&mut told).await, Outcome::Lost(link));
}

#[tokio::test]
async fn at_qos_0_the_outcome_follows_the_socket() {
    let house = House::new();
    let (mut ann, _) = Client::connect(house.address, &hello(Speaks::V311, "ann")).await;
    ann.subscribe(&[("calls", 0)]).await;
    let link = house.broker.links_of("ann")[0].id;

    let mut told = publish(&house.broker, note("1", 0, subjects(&["ann"])));

    assert_eq!(next(&mut told).await, Outcome::Acknowledged(link));
    assert_eq!(ann.text().await, "1");
}

#[tokio::test]
async fn nobody_to_receive_is_unrouted() {
    let mut house = House::new();
    let absent = Hello {
        clean: false,
        ..hello(Speaks::V311, "ann")
    };
    let (mut ann, _) = Client::connect(house.address, &absent).await;
    ann.subscribe(&[("calls", 1)]).await;
    ann.disconnect().await;
    house.end_of("ann").await;

    let mut told = publish(&house.broker, note("1", 1, subjects(&["ann"])));

    assert_eq!(next(&mut told).await, Outcome::Unrouted);
    let (mut ann, _) = Client::connect(house.address, &absent).await;
    ann.settle().await;
}
