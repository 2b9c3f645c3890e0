//! The broker under test, ours or another, and the plays that are given to it.
//!
//! A play is a list of lines, `name> what a client sends` and `name< what it must read next`; `again connect` keeps
//! the connection of before under the name `old`. `~`
//! stands for a text of this play alone, so that plays can share a broker. See `line` for the rest.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use broker::Limits;

use super::line;
use crate::client::{Client, Speaks};
use crate::owner::House;

/// Another broker to be tried instead of ours.
pub(crate) const VARIABLE: &str = "KOUMEN_CONFORMANCE_PEER";

/// A broker to talk to.
pub(super) struct Peer {
    address: SocketAddr,
    /// Ours, in this process.
    _house: Option<House>,
}

impl Peer {
    #[expect(
        clippy::disallowed_methods,
        reason = "the environment is how a test is told of another broker"
    )]
    pub(super) fn new() -> Peer {
        match std::env::var(VARIABLE) {
            Ok(address) => Peer {
                address: address.parse().unwrap(),
                _house: None,
            },
            Err(_) => Peer::ours(Limits::default()),
        }
    }

    pub(super) fn ours(limits: Limits) -> Peer {
        let house = House::with(limits);
        Peer {
            address: house.address,
            _house: Some(house),
        }
    }

    /// Plays a play with clients that all speak one version.
    pub(super) async fn play(&self, name: &str, speaks: Speaks, play: &[&str]) {
        let prefix = format!("{name}{speaks:?}");
        let mut clients: BTreeMap<&str, Client> = BTreeMap::new();
        for (number, step) in play.iter().enumerate() {
            let (who, words) = step.split_at(step.find(['<', '>']).unwrap());
            let (way, words) = words.split_at(1);
            let words = words.trim().replace('~', &prefix);
            if way == "<" {
                let client = clients.get_mut(who).expect("it has connected");
                let read = line::render(client.try_receive().await);
                assert_eq!(read, words, "{speaks:?}, step {number}: {step}");
            } else if let Some(wishes) = words.trim_start_matches("again ").strip_prefix("connect")
            {
                if words.starts_with("again") {
                    let old = clients.remove(who).expect("it has connected");
                    clients.insert("old", old);
                }
                let hello = line::hello(speaks, &format!("{prefix}-{who}"), wishes);
                let mut client = Client::dial(self.address, speaks).await;
                client.send_connect(&hello).await;
                clients.insert(who, client);
            } else if words == "drop" {
                clients.remove(who);
            } else {
                let client = clients.get_mut(who).expect("it has connected");
                line::send(client, speaks, &words).await;
            }
        }
    }
}

/// Plays a play to the peer in each of these versions.
pub(super) async fn play(name: &str, versions: &[Speaks], play: &[&str]) {
    let peer = Peer::new();
    for speaks in versions {
        peer.play(name, *speaks, play).await;
    }
}
