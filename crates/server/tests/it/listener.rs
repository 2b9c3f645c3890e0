//! Stock MQTT clients as child processes that tell what they hear.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::community::{Community, SOON};

/// A client program whose standard output tells what it hears, a line each.
pub(crate) struct Listener {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Listener {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line: topic, a space, JSON.
    pub(crate) async fn next(mut self) -> (Self, String, Value) {
        let heard = tokio::task::spawn_blocking(move || {
            let line = self.lines.next().expect("the client goes on").unwrap();
            let (topic, payload) = line.split_once(' ').unwrap();
            let payload = serde_json::from_str(payload).unwrap();
            (topic.to_owned(), payload, self)
        });
        let (topic, payload, listener) = tokio::time::timeout(SOON, heard).await.unwrap().unwrap();
        (listener, topic, payload)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One of mosquitto's tools, signed in at the community's server.
pub(crate) fn mosquitto(
    program: &str,
    community: &Community,
    user: &str,
    password: &str,
) -> Command {
    let (host, port) = community.server.mqtt.rsplit_once(':').unwrap();
    let mut command = Command::new(program);
    command.args([
        "-h", host, "-p", port, "-u", user, "-P", password, "-q", "1",
    ]);
    command
}
