//! A box's redirections: `nft` takes what is printed, and in networks like a home's and a
//! community's it does what it says.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::community::SOON;
use crate::namespaces::{Namespace, Plug, connect, succeed};
use crate::running::KOUMEN;

/// The box's ports at home, and the servers behind them.
const PROPERTY: (&str, &str) = ("192.168.1.22:8080", "11.0.0.5:80");
const STREAMS: (&str, &str) = ("192.168.1.22:1954", "11.0.0.5:954");

/// Where the community sees the box.
const BOX: &str = "11.0.1.22";

#[test]
fn a_home_reaches_servers_of_the_community_through_its_box() {
    let street = Street::make();
    let server = street.community.within(|| listen(PROPERTY.1));
    let streams = street.community.within(|| datagrams(STREAMS.1));
    let at_home = || street.home.within(|| call(PROPERTY.0));

    assert!(at_home().is_err(), "somebody else listens");
    street.apply(&settings());

    let mut client = at_home().unwrap();
    let (mut peer, address) = server.accept().unwrap();
    assert_eq!(address.ip().to_string(), BOX);
    peer.set_read_timeout(Some(SOON)).unwrap();
    exchange(&mut client, &mut peer);
    exchange(&mut peer, &mut client);
    let speaker = street.home.within(|| datagrams("192.168.1.50:0"));
    let sender = say(&speaker, &streams, STREAMS.0);
    assert_eq!(sender.ip().to_string(), BOX);
    assert_eq!(say(&streams, &speaker, &sender.to_string()), at(STREAMS.0));
}

#[test]
fn rules_replace_those_of_before_and_leave_others_alone() {
    let street = Street::make();
    let nft = |words: &[&str]| succeed(&mut street.the_box.command("nft", words));
    nft(&["add", "table", "inet", "somebody_else"]);

    street.apply(&settings());
    let first = nft(&["list", "ruleset"]);
    street.apply(&settings());
    let second = nft(&["list", "ruleset"]);
    street.apply("");
    let last = nft(&["list", "ruleset"]);

    assert!(first.contains("11.0.0.5:80") && first.contains("somebody_else"));
    assert_eq!(first, second);
    assert_eq!(last.trim(), "table inet somebody_else {\n}");
}

#[test]
fn a_redirection_that_is_wrong_is_named_and_nothing_is_printed() {
    let output = print("[[smartbox.nat]]\nfrom = \"192.168.1.22:8080\"\nto = \"somewhere\"");

    let problem = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(problem.contains("smartbox.nat[0].to: must be"), "{problem}");
}

#[test]
fn addresses_of_both_families_are_taken_by_nft() {
    let alone = Namespace::make("box");
    let settings =
        "[[smartbox.nat]]\nfrom = \"[fd00::22]:8080\"\nto = \"[fd01::5]:80\"\nname = \"物业\"\n"
            .to_owned()
            + &settings();

    check(&alone, &String::from_utf8(print(&settings).stdout).unwrap());
}

/// A home, a community, and the box that is in both.
struct Street {
    home: Namespace,
    the_box: Namespace,
    community: Namespace,
}

impl Street {
    fn make() -> Self {
        let street = Self {
            home: Namespace::make("home"),
            the_box: Namespace::make("box"),
            community: Namespace::make("community"),
        };
        street.cable(&street.home, "192.168.1.50/24", "home", "192.168.1.22/24");
        let out = format!("{BOX}/16");
        street.cable(&street.community, "11.0.0.5/16", "community", &out);
        street.the_box.forward();
        street
    }

    fn cable(&self, namespace: &Namespace, address: &str, at_box: &str, box_address: &str) {
        let device = "lan";
        let one = Plug {
            namespace,
            device,
            address,
        };
        let other = Plug {
            namespace: &self.the_box,
            device: at_box,
            address: box_address,
        };
        connect(&one, &other);
    }

    /// Has the box do what the command prints.
    fn apply(&self, settings: &str) {
        let output = print(settings);
        let rules = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{rules}");
        check(&self.the_box, &rules);
        feed(&mut self.the_box.command("nft", &["-f", "-"]), &rules);
    }
}

fn settings() -> String {
    let nat = |(from, to): (&str, &str), protocol: &str| {
        format!(
            "[[smartbox.nat]]\nname = \"for {protocol}\"\nfrom = \"{from}\"\nto = \"{to}\"\n\
             protocol = \"{protocol}\"\n"
        )
    };
    nat(PROPERTY, "tcp") + &nat(STREAMS, "udp")
}

fn print(settings: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("koumen.toml");
    std::fs::write(&file, settings).unwrap();
    let mut command = Command::new(KOUMEN);
    command.args(["box", "nat", "print", "--config"]);
    command.arg(Path::new(&file)).output().unwrap()
}

/// Has `nft` read the rules and apply nothing.
fn check(namespace: &Namespace, rules: &str) {
    feed(&mut namespace.command("nft", &["-c", "-f", "-"]), rules);
}

fn feed(command: &mut Command, text: &str) {
    let mut running = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = running.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    assert!(running.wait().unwrap().success(), "{text}");
}

fn at(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

fn listen(address: &str) -> TcpListener {
    TcpListener::bind(address).unwrap()
}

fn datagrams(address: &str) -> UdpSocket {
    let socket = UdpSocket::bind(address).unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    socket
}

fn call(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&at(address), SOON)?;
    stream.set_read_timeout(Some(SOON))?;
    Ok(stream)
}

fn exchange(from: &mut TcpStream, to: &mut TcpStream) {
    let mut heard = [0; 5];
    from.write_all(b"knock").unwrap();
    to.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"knock");
}

/// Sends a packet and hears it; who it seems to come from.
fn say(from: &UdpSocket, to: &UdpSocket, address: &str) -> SocketAddr {
    let mut heard = [0; 8];
    from.send_to(b"knock", address).unwrap();
    let (length, sender) = to.recv_from(&mut heard).unwrap();
    assert_eq!(&heard[..length], b"knock");
    sender
}
