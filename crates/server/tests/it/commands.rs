//! The commands as a person runs them.

use std::process::Command;

use crate::community::{Community, HOUSEHOLD, add_operator};
use crate::running::{KOUMEN, Running};

#[test]
fn the_demo_shows_a_whole_call() {
    let output = Command::new(KOUMEN)
        .args(["demo", "--once"])
        .output()
        .unwrap();

    let transcript = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{transcript}");
    for line in [
        "door  hears ringing",
        "phone  rings",
        "door  hears answered",
        "hears hangup",
    ] {
        assert!(transcript.contains(line), "no `{line}` in\n{transcript}");
    }
}

#[test]
fn an_operator_can_be_added_before_the_first_start() {
    let folder = tempfile::tempdir().unwrap();
    let add = || {
        let mut command = Command::new(KOUMEN);
        command
            .args(["operator", "add", "anna", "--data"])
            .arg(folder.path());
        command.output().unwrap()
    };

    let first = add();
    let again = add();

    let said = String::from_utf8(first.stdout).unwrap();
    assert!(
        first.status.success() && said.contains("password "),
        "{said}"
    );
    let problem = String::from_utf8(again.stderr).unwrap();
    assert!(
        !again.status.success() && problem.contains("already exists"),
        "{problem}"
    );
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let server = Running::start();
    add_operator(&server, "anna");

    let second = Command::new(KOUMEN)
        .args([
            "serve",
            "--http",
            "127.0.0.1:0",
            "--mqtt",
            "127.0.0.1:0",
            "--data",
        ])
        .arg(server.folder())
        .output()
        .unwrap();

    let problem = String::from_utf8(second.stderr).unwrap();
    assert!(
        problem.contains("a running koumen holds this data folder"),
        "{problem}"
    );
}

#[tokio::test]
async fn the_simulated_door_and_phone_are_commands() {
    let community = Community::start().await;
    let (host, port) = community.server.mqtt.rsplit_once(':').unwrap();
    let sim = |kind: &str, more: &[&str]| {
        let mut command = Command::new(KOUMEN);
        command.args(["sim", kind, "--http", &community.server.http]);
        command
            .args(["--mqtt-host", host, "--mqtt-port", port])
            .args(more);
        command
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };

    let answering = [
        "--name",
        "mum",
        "--password",
        "correct horse",
        "--answer-after-s",
        "0",
    ];
    let phone = sim("phone", &answering);
    let secret = &community.lobby.secret;
    let pressing = [
        "--device",
        "lobby",
        "--secret",
        secret,
        "--household",
        HOUSEHOLD,
        "--talk-s",
        "0",
    ];
    let door = sim("door", &pressing);

    let outputs =
        tokio::task::spawn_blocking(|| (door.wait_with_output(), phone.wait_with_output()));
    let (door, phone) = outputs.await.unwrap();
    let said = |output: std::process::Output| String::from_utf8(output.stdout).unwrap();
    let (door, phone) = (said(door.unwrap()), said(phone.unwrap()));
    assert!(door.contains("hears answered"), "{door}");
    assert!(phone.contains("hears hangup"), "{phone}");
}
