//! The very first start, killed at every stage: the folder it leaves starts the next time.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::running::KOUMEN;

/// Kills, the later the longer a start was left alone.
const KILLS: u64 = 25;

/// Between two kills' delays; a whole start takes about fifty milliseconds.
const STEP: Duration = Duration::from_millis(3);

#[tokio::test]
async fn a_first_start_that_is_killed_can_be_repeated() {
    for kill in 0..KILLS {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut killed = start(&data);
        tokio::time::sleep(STEP * u32::try_from(kill).unwrap()).await;
        killed.kill().unwrap();
        killed.wait().unwrap();

        let mut again = start(&data);

        let lines = BufReader::new(again.stdout.take().unwrap()).lines();
        let is_ready = lines.map_while(Result::ok).any(|line| line == "ready");
        again.kill().unwrap();
        again.wait().unwrap();
        assert!(
            is_ready,
            "after a kill at {:?}",
            STEP * u32::try_from(kill).unwrap()
        );
    }
}

fn start(data: &Path) -> Child {
    Command::new(KOUMEN)
        .args(["serve", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"])
        .arg("--data")
        .arg(data)
        .env("KOUMEN_LOG", "error")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}
