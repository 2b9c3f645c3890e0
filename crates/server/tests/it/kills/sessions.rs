//! The broker is killed, stopped, and its clients' connections break: what it acknowledged to a
//! publisher reaches a lasting session, all of it and in order. A to H are the scenarios in which
//! the brokers that people embed today were compared.

use std::net::SocketAddr;

use tempfile::TempDir;

use super::raw::{Heard, LastWord, LoneBroker, Raw};

const COUNT: u16 = 200;

fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// A lasting session that subscribed and went.
fn absent_reader(address: SocketAddr) {
    let mut reader = Raw::connect(address, "reader", false);
    reader.subscribe("t");
    reader.disconnect();
}

/// Publishes all and waits for every PUBACK.
fn publish_all(address: SocketAddr) {
    let mut writer = Raw::connect(address, "writer", true);
    for packet in 1..=COUNT {
        writer.publish("t", &packet.to_string(), packet, false);
    }
    for packet in 1..=COUNT {
        assert_eq!(writer.hear(), Heard::PubAck(packet));
    }
}

fn check_all_in_order(address: SocketAddr) {
    let mut reader = Raw::connect(address, "reader", false);
    assert!(reader.session_present);
    assert_eq!(reader.take(COUNT.into()), all());
}

fn all() -> Vec<String> {
    (1..=COUNT).map(|number| number.to_string()).collect()
}

#[test]
fn a_all_come_in_order_to_one_who_reconnects() {
    let folder = folder();
    let broker = LoneBroker::start(folder.path());
    absent_reader(broker.address);

    publish_all(broker.address);

    check_all_in_order(broker.address);
}

/// B is C after a pause of three seconds, and so is shown with it.
#[test]
fn b_c_a_kill_directly_after_the_last_puback_loses_nothing() {
    let folder = folder();
    let broker = LoneBroker::start(folder.path());
    absent_reader(broker.address);
    publish_all(broker.address);

    let broker = broker.kill_and_start(folder.path());

    check_all_in_order(broker.address);
}

#[test]
fn d_a_session_subscribes_still_after_a_restart() {
    let folder = folder();
    let broker = LoneBroker::start(folder.path());
    absent_reader(broker.address);

    let broker = broker.kill_and_start(folder.path());
    publish_all(broker.address);

    check_all_in_order(broker.address);
}

#[test]
fn a_retained_message_survives_a_kill() {
    let folder = folder();
    let broker = LoneBroker::start(folder.path());
    let mut writer = Raw::connect(broker.address, "writer", true);
    writer.publish("t", "kept", 1, true);
    assert_eq!(writer.hear(), Heard::PubAck(1));

    let broker = broker.kill_and_start(folder.path());

    let mut reader = Raw::connect(broker.address, "reader", true);
    reader.subscribe("t");
    assert_eq!(reader.take(1), ["kept"]);
}

#[test]
fn e_what_was_on_its_way_when_the_connection_broke_comes_again_in_order() {
    let folder = folder();
    let broker = LoneBroker::start(folder.path());
    absent_reader(broker.address);
    publish_all(broker.address);
    let mut reader = Raw::connect(broker.address, "reader", false);
    for _ in 0..5 {
        assert!(matches!(reader.hear(), Heard::Publish { again: false, .. }));
    }
    drop(reader);

    let mut reader = Raw::connect(broker.address, "reader", false);

    let first = reader.hear();
    let Heard::Publish { packet, again, .. } = first else {
        panic!("{first:?}")
    };
    assert!(again);
    reader.acknowledge(packet);
    assert_eq!(reader.take(usize::from(COUNT) - 1), all()[1..]);
}

#[test]
fn f_a_stop_directly_after_the_last_puback_loses_nothing() {
    let folder = folder();
    let broker = LoneBroker::start(folder.path());
    absent_reader(broker.address);
    publish_all(broker.address);

    let broker = broker.stop_and_start(folder.path());

    check_all_in_order(broker.address);
}

#[test]
fn g_a_second_client_of_one_id_takes_the_session_over() {
    let folder = folder();
    let broker = LoneBroker::start(folder.path());
    let mut first = Raw::connect(broker.address, "reader", false);
    first.subscribe("t");

    let mut second = Raw::connect(broker.address, "reader", false);

    assert!(second.session_present);
    assert_eq!(first.hear(), Heard::Closed);
    publish_all(broker.address);
    assert_eq!(second.take(COUNT.into()), all());
}

#[test]
fn h_a_will_is_spoken_when_the_connection_breaks_and_not_when_it_is_ended() {
    let folder = folder();
    let broker = LoneBroker::start(folder.path());
    let mut reader = Raw::connect(broker.address, "reader", true);
    reader.subscribe("t");
    let dying = |name| Raw::with(broker.address, name, true, Some(LastWord("t")));

    dying("polite").disconnect();
    drop(dying("broken"));
    publish_all(broker.address);

    let heard = reader.take(usize::from(COUNT) + 1);
    assert_eq!(heard.iter().filter(|said| *said == "gone").count(), 1);
}

/// Sockets that are closed just now, and ones that are still open, meet their successors.
#[test]
fn five_hundred_reconnects_and_takeovers_refuse_nobody_and_lose_nothing() {
    let folder = folder();
    let broker = LoneBroker::start(folder.path());
    absent_reader(broker.address);
    let mut writer = Raw::connect(broker.address, "writer", true);
    let (mut held, mut heard) = (None, Vec::new());

    for round in 1..=500_u16 {
        writer.publish("t", &round.to_string(), round, false);
        if round % 3 == 0 {
            held = None;
        }
        let mut reader = Raw::connect(broker.address, "reader", false);
        assert!(reader.session_present, "round {round}");
        if round % 2 == 0 {
            heard.extend(reader.take(2));
            reader.sync();
        }
        assert_eq!(writer.hear(), Heard::PubAck(round));
        drop(held.replace(reader));
    }

    assert_eq!(
        heard,
        (1..=500).map(|round| round.to_string()).collect::<Vec<_>>()
    );
}

#[test]
fn a_reader_who_never_reads_costs_the_one_beside_it_nothing() {
    const MESSAGES: u16 = 20_000;
    let folder = folder();
    let broker = LoneBroker::start(folder.path());
    let mut deaf = Raw::connect(broker.address, "deaf", false);
    deaf.subscribe("t");
    let address = broker.address;
    let mut healthy = Raw::connect(address, "healthy", true);
    healthy.subscribe("t");
    let payload = "x".repeat(2000);

    let reading = std::thread::Builder::new()
        .spawn(move || healthy.take(MESSAGES.into()).len())
        .unwrap();
    let mut writer = Raw::connect(address, "writer", true);
    for packet in 1..=MESSAGES {
        writer.publish("t", &payload, packet, false);
        assert_eq!(writer.hear(), Heard::PubAck(packet));
    }

    assert_eq!(reading.join().unwrap(), usize::from(MESSAGES));
}
