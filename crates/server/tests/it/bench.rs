//! The benches run to their end and say what they measured; how fast is not for a test to judge.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::running::KOUMEN;

#[test]
fn the_bench_of_calls_completes_every_call_and_leaves_nothing() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();

    let output = Command::new(KOUMEN)
        .args(["bench", "calls", "--json", "--seconds", "1", "--doors", "4"])
        .arg("--folder")
        .arg(folder.path())
        .output()
        .unwrap();

    let said = String::from_utf8(output.stdout).unwrap();
    let problem = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}{problem}");
    let line: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(line["bench"], "calls");
    assert_eq!(line["settings"]["doors"], 4);
    let figures = &line["figures"];
    assert_eq!(figures["success"], 1.0, "{said}");
    for figure in [
        "/completed_per_s",
        "/press_to_incoming_ms/p50",
        "/press_to_incoming_ms/p99",
        "/answer_to_door_ms/p50",
        "/answer_to_door_ms/p99",
        "/answer_to_losers_ms/p50",
        "/answer_to_losers_ms/p99",
        "/fsync_ms/p50",
        "/fsync_ms/p99",
        "/reconnect_ms/p99",
        "/bytes_written_per_call",
        "/server_cpu_ms_per_call",
    ] {
        let value = figures.pointer(figure).and_then(Value::as_f64);
        assert!(value.is_some_and(|value| value > 0.0), "{figure}: {said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_bench_of_calls_refuses_a_folder_in_memory() {
    let output = Command::new(KOUMEN)
        .args(["bench", "calls", "--folder", "/dev/shm"])
        .output()
        .unwrap();

    let problem = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(problem.contains("in memory"), "{problem}");
}

#[test]
fn the_bench_of_fan_in_loses_nothing() {
    let line = short("fan-in", &["--seconds", "1", "--publishers", "4"]);

    assert_eq!(line["settings"]["publishers"], 4);
    assert_eq!(line["figures"]["lost"], 0);
    assert_positive(&line, &["/ours", "/mosquitto", "/ratio"]);
}

#[test]
fn the_bench_of_fan_out_loses_nothing() {
    let line = short("fan-out", &["--seconds", "1", "--subscribers", "5"]);

    assert_eq!(line["settings"]["subscribers"], 5);
    assert_eq!(line["figures"]["lost"], 0);
    assert_positive(&line, &["/ours", "/mosquitto", "/ratio"]);
}

#[test]
fn the_bench_of_latency_measures_both_brokers_and_ours_beside_filters() {
    let line = short("latency", &["--seconds", "1", "--filters", "200"]);

    assert_eq!(line["settings"]["filters"], 200);
    assert_positive(
        &line,
        &[
            "/ours_us/p50",
            "/ours_us/p99",
            "/mosquitto_us/p50",
            "/mosquitto_us/p99",
            "/ratio_p50",
            "/ratio_p99",
            "/with_filters_ratio",
        ],
    );
}

#[test]
fn the_bench_of_idle_clients_tells_their_memory() {
    let line = short("idle", &["--seconds", "1", "--clients", "500"]);

    assert_eq!(line["settings"]["clients"], 500);
    assert_positive(
        &line,
        &["/bytes_per_connection", "/mosquitto_bytes_per_connection"],
    );
}

#[test]
fn the_bench_of_a_storm_serves_everybody() {
    let line = short("storm", &["--clients", "200"]);

    assert_eq!(line["figures"]["clients"], 200);
    assert_positive(&line, &["/all_served_s"]);
}

#[test]
fn the_bench_of_a_storm_finds_a_message_in_each_durable_session() {
    let line = short("storm", &["--durable", "--clients", "100"]);

    assert_eq!(line["settings"]["messages_each"], 1);
    assert_eq!(line["figures"]["lost"], 0);
    assert_positive(
        &line,
        &["/all_served_s", "/mosquitto_all_served_s", "/ratio"],
    );
}

#[test]
fn the_benches_of_durable_sessions_lose_nothing() {
    let fan = short("fan-in", &["--durable", "--seconds", "1"]);
    let latency = short(
        "latency",
        &["--durable", "--seconds", "1", "--filters", "64"],
    );

    assert_eq!(fan["settings"]["durable"], true);
    assert_eq!(fan["figures"]["lost"], 0);
    assert_positive(&fan, &["/ours", "/mosquitto", "/ratio"]);
    assert_eq!(latency["settings"]["durable"], true);
    assert_positive(&latency, &["/ours_us/p50", "/mosquitto_us/p50"]);
}

#[test]
fn the_benches_of_tls_lose_nothing() {
    let fan = short("fan-in", &["--tls", "--seconds", "1", "--publishers", "4"]);
    let latency = short("latency", &["--tls", "--seconds", "1", "--filters", "64"]);

    assert_eq!(fan["settings"]["tls"], true);
    assert_eq!(fan["figures"]["lost"], 0);
    assert_positive(&fan, &["/ours", "/mosquitto", "/ratio"]);
    assert_eq!(latency["settings"]["tls"], true);
    assert_positive(&latency, &["/ours_us/p50", "/mosquitto_us/p50"]);
}

#[test]
fn the_bench_of_a_press_measures_it_quiet_in_a_storm_and_on_a_slow_disk() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();

    let output = Command::new(KOUMEN)
        .args(["bench", "press", "--json", "--seconds", "1"])
        .args(["--clients", "40", "--fsync-ms", "5", "--folder"])
        .arg(folder.path())
        .output()
        .unwrap();

    let said = String::from_utf8(output.stdout).unwrap();
    let problem = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}{problem}");
    let line: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(line["bench"], "press");
    assert_eq!(line["settings"]["clients"], 40);
    for situation in ["quiet", "storm", "slow_fsync"] {
        let presses = &line["figures"][situation]["presses"];
        assert_eq!(presses, &line["figures"][situation]["completed"], "{said}");
        for figure in ["p50", "p99", "max"] {
            let figure = format!("/{situation}/press_to_incoming_ms/{figure}");
            assert_positive(&line, &[&figure]);
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(processes_that_name(folder.path()), 0);
}

#[test]
fn the_bench_of_boxes_finds_one_winner_in_every_call() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();

    let output = Command::new(KOUMEN)
        .args(["bench", "boxes", "--json", "--flats", "4"])
        .args([
            "--screens",
            "2",
            "--calls",
            "3",
            "--rounds",
            "4",
            "--folder",
        ])
        .arg(folder.path())
        .output()
        .unwrap();

    let said = String::from_utf8(output.stdout).unwrap();
    let problem = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}{problem}");
    let line: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(line["bench"], "boxes");
    assert_eq!(line["figures"]["success"], 1.0, "{said}");
    assert_eq!(line["figures"]["flats"], 4);
    assert_eq!(line["figures"]["screens"], 8);
    assert_positive(
        &line,
        &[
            "/accept_to_call_end_ms/p50",
            "/accept_to_call_end_ms/p99",
            "/press_to_ring_ms/p99",
            "/idle_rss_mb",
        ],
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_open_broker_is_for_loopback_only_and_not_shown() {
    let opening = Command::new(KOUMEN)
        .args(["bench", "broker", "--listen", "0.0.0.0:0"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let help = Command::new(KOUMEN)
        .args(["bench", "--help"])
        .output()
        .unwrap();

    let problem = String::from_utf8(opening.stderr).unwrap();
    assert!(!opening.status.success());
    assert!(problem.contains("loopback only"), "{problem}");
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("fan-in") && !help.contains("broker alone"));
    assert!(!help.contains("slow-serve"));
}

#[test]
fn the_open_broker_ends_with_whoever_started_it() {
    let mut broker = Command::new(KOUMEN)
        .args(["bench", "broker", "--listen", "127.0.0.1:0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();

    drop(broker.stdin.take());

    assert!(broker.wait().unwrap().success());
}

/// One round with small counts: its line for programs. Checks that nothing is left.
fn short(name: &str, counts: &[&str]) -> Value {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();

    let output = Command::new(KOUMEN)
        .args(["bench", name, "--json", "--rounds", "1"])
        .args(counts)
        .arg("--folder")
        .arg(folder.path())
        .output()
        .unwrap();

    let said = String::from_utf8(output.stdout).unwrap();
    let problem = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}{problem}");
    let line: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(line["bench"], name);
    assert_eq!(line["settings"]["rounds"], 1);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(processes_that_name(folder.path()), 0);
    line
}

fn assert_positive(line: &Value, figures: &[&str]) {
    for figure in figures {
        let value = line["figures"].pointer(figure).and_then(Value::as_f64);
        assert!(value.is_some_and(|value| value > 0.0), "{figure}: {line}");
    }
}

/// Processes with that folder in their arguments, as Mosquitto has.
fn processes_that_name(folder: &Path) -> usize {
    let folder = folder.to_str().unwrap();
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line).contains(folder))
        .count()
}
