//! `mosquitto_sub` at the other broker: known to have subscribed, and coming back when the broker does.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::community::SOON;

/// A listener that has subscribed.
pub(crate) struct Ear {
    child: Child,
    lines: Option<Lines<BufReader<ChildStdout>>>,
}

/// What it heard.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) topic: String,
    /// Seconds that the message had left; 0 if it does not say.
    pub(crate) left: u64,
    pub(crate) said: Value,
}

impl Ear {
    /// Listens with the arguments of `mosquitto_sub`; returns after SUBACK.
    pub(crate) async fn open(arguments: &Command) -> Self {
        let mut command = Command::new("stdbuf");
        command.arg("-oL").arg("mosquitto_sub");
        command
            .args(arguments.get_args())
            .args(["-d", "-F", "heard %t %E %p"]);
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut ear = Self {
            child,
            lines: Some(lines),
        };
        ear.line("Subscribed ").await;
        ear
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Heard {
        let line = self.line("heard ").await;
        let mut parts = line.splitn(4, ' ').skip(1);
        let mut part = || parts.next().unwrap();
        Heard {
            topic: part().to_owned(),
            left: part().parse().unwrap_or(0),
            said: serde_json::from_str(part()).unwrap(),
        }
    }

    /// The next message with this action; others are passed over.
    pub(crate) async fn action(&mut self, action: &str) -> Heard {
        loop {
            let heard = self.next().await;
            if heard.said["action"] == action {
                return heard;
            }
        }
    }

    /// The next message about this call with this action.
    pub(crate) async fn about(&mut self, call: &str, action: &str) {
        while self.action(action).await.said["call_id"] != call {}
    }

    /// Returns once the broker has closed the connection.
    pub(crate) async fn ended(&mut self) {
        self.line("Received DISCONNECT").await;
    }

    /// The next line that begins so.
    async fn line(&mut self, begin: &'static str) -> String {
        let mut lines = self.lines.take().unwrap();
        let reading = tokio::task::spawn_blocking(move || {
            let line = lines.find(|line| line.as_ref().unwrap().starts_with(begin));
            (line, lines)
        });
        let (line, lines) = tokio::time::timeout(SOON, reading)
            .await
            .expect(begin)
            .unwrap();
        self.lines = Some(lines);
        line.expect("mosquitto_sub goes on").unwrap()
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
