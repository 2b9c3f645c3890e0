//! The conformance suite against Mosquitto: a suite that only its own broker can pass would prove
//! that both have the same misunderstandings.
//!
//! Runs this test program once more, with the suite's variable set. What is listed in `DIFFERS`
//! must fail there, and all else must pass.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::conformance::VARIABLE;

/// Debian keeps it outside the path of those who are not root.
const PROGRAMS: [&str; 2] = ["mosquitto", "/usr/sbin/mosquitto"];

/// Tests of our own broker alone, which another cannot be asked about.
const OURS: [&str; 4] = [
    "conformance::limits::",
    "conformance::connect::mqtt_3_1_0_1_",
    "conformance::connect::mqtt_3_1_2_2_",
    "conformance::disconnect::mqtt_3_1_2_22_",
];

/// Where Mosquitto 2.0.11 differs, below `conformance::`, and why.
const DIFFERS: [(&str, &str); 10] = [
    (
        "aliases::mqtt_3_3_2_8_an_alias_of_zero_is_invalid",
        "it calls it malformed, 0x81; the standard names no code for zero",
    ),
    (
        "aliases::mqtt_3_3_2_11_no_more_aliases_are_sent_than_the_client_takes",
        "it sends no aliases, which it may",
    ),
    (
        "connect::mqtt_3_1_4_3_a_second_connection_of_a_client_id_ends_the_first",
        "it closes the first without the DISCONNECT 0x8E that should tell it why",
    ),
    (
        "disconnect::mqtt_3_3_2_2_a_topic_name_with_a_wildcard_is_called_an_invalid_topic_name",
        "it calls it a protocol error, 0x82",
    ),
    (
        "disconnect::packets_of_the_other_side_end_the_connection",
        "it overlooks PINGRESP and UNSUBACK from a client",
    ),
    (
        "qos2::a_pubrec_nobody_waits_for_is_answered_so_that_the_client_forgets_it",
        "it answers, but says success where 0x92 is meant",
    ),
    (
        "qos2::mqtt_4_3_3_11_pubrel_is_always_answered_with_pubcomp",
        "it answers, but says success where 0x92 is meant",
    ),
    (
        "shared::mqtt_3_8_3_4_no_local_on_a_shared_subscription_is_a_protocol_error",
        "a fault: it grants it",
    ),
    (
        "shared::mqtt_4_8_2_no_retained_message_is_sent_at_subscribe",
        "a fault: it sends retained messages to a group",
    ),
    (
        "shared::mqtt_4_8_2_what_one_did_not_acknowledge_goes_to_another_when_its_session_ends",
        "it drops it; passing on is only a should",
    ),
];

#[test]
fn mosquitto_passes_the_conformance_suite_but_where_it_is_known_to_differ() {
    let mosquitto = Mosquitto::start();

    let output = Command::new(std::env::current_exe().unwrap())
        .args(["conformance::", "--test-threads", "8"])
        .args(OURS.iter().flat_map(|ours| ["--skip", ours]))
        .env(VARIABLE, mosquitto.address.to_string())
        .output()
        .unwrap();

    let said = String::from_utf8_lossy(&output.stdout);
    // Shown if this test fails.
    println!("{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let differs = BTreeSet::from(DIFFERS.map(|(name, _)| name));
    assert_eq!(ended(&said, "FAILED"), differs, "{}", mosquitto.version);
    assert!(ended(&said, "ok").len() > 30, "the suite did not run");
}

/// The tests that ended so, without `conformance::`.
fn ended<'a>(said: &'a str, how: &str) -> BTreeSet<&'a str> {
    let tests = said.lines().filter_map(|line| {
        let (name, end) = line
            .strip_prefix("test conformance::")?
            .split_once(" ... ")?;
        (end == how).then_some(name)
    });
    tests.collect()
}

/// A broker of its own for this test; it ends with it.
struct Mosquitto {
    child: Child,
    address: SocketAddr,
    /// As it names itself when it begins.
    version: String,
    settings: PathBuf,
    /// Held, because the program may still write there.
    _says: BufReader<ChildStderr>,
}

impl Mosquitto {
    /// Returns when it listens.
    fn start() -> Mosquitto {
        let address = free_address();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let settings = folder.join(format!("mosquitto-{}.conf", std::process::id()));
        std::fs::write(&settings, settings_for(address)).unwrap();
        let mut child = spawn(&settings);
        let mut says = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.ends_with(" running\n") {
            let count = says.read_line(&mut said).unwrap();
            assert!(count > 0, "mosquitto did not start: {said}");
        }
        let version = said.lines().last().unwrap_or_default().to_owned();
        Mosquitto {
            child,
            address,
            version,
            settings,
            _says: says,
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        std::fs::remove_file(&self.settings).ok();
    }
}

fn spawn(settings: &PathBuf) -> Child {
    for program in PROGRAMS {
        let child = Command::new(program)
            .arg("-c")
            .arg(settings)
            .stderr(Stdio::piped())
            .spawn();
        if let Ok(child) = child {
            return child;
        }
    }
    panic!("mosquitto is missing: install the Debian package mosquitto");
}

/// On a loopback address that belongs to this process, so that no other test takes the port
/// between the look and the broker's start.
fn free_address() -> SocketAddr {
    let [.., high, low] = std::process::id().to_be_bytes();
    let address = Ipv4Addr::new(127, 77, high, low);
    let listener = TcpListener::bind((address, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// Limits that fit what the plays expect of ours.
fn settings_for(address: SocketAddr) -> String {
    format!(
        "listener {} {}\n\
         allow_anonymous true\n\
         persistence false\n\
         set_tcp_nodelay true\n\
         max_topic_alias 16\n\
         max_inflight_messages 100\n\
         log_dest stderr\n\
         log_type notice\n\
         log_type error\n\
         log_type warning\n\
         log_type information\n\
         connection_messages false\n",
        address.port(),
        address.ip()
    )
}
