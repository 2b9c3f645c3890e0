//! Any clients: bytes as a play (`theatre`) of four clients that come, go, publish, subscribe and
//! acknowledge rightly and wrongly, over a journal, with crashes. Between the steps the books must
//! be right, clients read nothing that they must not, and when all are gone nothing may be left, in
//! memory or on disk.

use std::collections::BTreeSet;

use testkit::fuzz::{Chance, Feed, Target, hash, run};

use super::theatre::Theatre;

#[test]
fn the_books_are_right_whatever_clients_do() {
    run(&Target {
        home: env!("CARGO_MANIFEST_DIR"),
        name: "core",
        make: |chance| chance.bytes(400),
        play: |input| {
            // Order and number are not new; which kinds there were is.
            let seen: Vec<String> = play(input).into_iter().collect();
            hash(seen.join(",").as_bytes())
        },
    });
}

/// Returns the kinds of packets that clients read.
fn play(input: &[u8]) -> BTreeSet<String> {
    let mut theatre = Theatre::new();
    let mut feed = Feed(input);
    while !feed.is_empty() {
        theatre = theatre.step(&mut feed);
    }
    theatre.end()
}

#[test]
fn the_plays_reach_every_kind_of_packet() {
    let mut chance = Chance::new(3);

    let seen: BTreeSet<String> = (0..300).flat_map(|_| play(&chance.bytes(400))).collect();

    let seen: Vec<String> = seen.into_iter().collect();
    let seen = seen.join("\n");
    for kind in [
        "SubscribeAck",
        "Ack 0",
        "Ack 135",
        "Rec 0",
        "Rel 0",
        "Comp 0",
        "Comp 146",
        "dup 1",
        "retain 1",
        "alias true",
        "ids 2",
        "Disconnect 147",
        "Disconnect 131",
    ] {
        assert!(seen.contains(kind), "no {kind} in\n{seen}");
    }
}
