//! The benches run to their end and say what they measured; how fast is not for a test to judge.

use std::process::Command;

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
