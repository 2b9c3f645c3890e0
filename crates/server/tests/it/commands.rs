//! The commands as a person runs them.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::community::{Community, HOUSEHOLD, add_operator};
use crate::running::{KOUMEN, Running};

#[test]
fn the_demo_shows_a_call_over_each_protocol() {
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
        "from gate to 1-101",
        "phone  rings: call",
        "screen  says call_accept",
        "outdoor  hears call_accept",
        "screen  hears call_end",
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
        command.stdout(Stdio::piped()).spawn().unwrap()
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

#[test]
fn the_simulated_unit_and_centre_are_commands() {
    let mut centre = Command::new(KOUMEN)
        .args(["sim", "centre", "--listen", "127.0.0.1:0"])
        .args(["--after-ms", "0", "--open", "talking", "--talk-s", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(centre.stdout.take().unwrap());
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    let (_, desk) = first.trim().split_once("listens at ").unwrap();

    let unit = Command::new(KOUMEN)
        .args(["sim", "outdoor", "--desk", desk, "--profile", "field"])
        .output()
        .unwrap();

    let told = String::from_utf8(unit.stdout).unwrap();
    assert!(unit.status.success(), "{told}");
    assert!(told.contains("outdoor  opens its lock"), "{told}");
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert!(rest.contains(" centre  says call_accept"), "{rest}");
    assert!(centre.wait().unwrap().success());
}
