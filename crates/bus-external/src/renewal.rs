//! After the way to the broker was cut, what is current is said again, and again: those who listen
//! come back at their own pace, and nobody tells us when.

use std::sync::Arc;
use std::time::Duration;

use bus::Remote;
use tokio::time::sleep;

use crate::line::{Line, opened};

/// Pauses before each time: together longer than a client takes that comes back at all.
const PAUSES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_secs(2),
    Duration::from_secs(3),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

pub(crate) async fn run_renewals<P>(line: Arc<Line>, remotes: Vec<Arc<dyn Remote<P>>>) {
    let mut way = line.watch();
    loop {
        opened(&mut way).await;
        for pause in PAUSES {
            tokio::select! {
                changed = way.changed() => match changed {
                    Ok(()) => break,
                    Err(_) => return,
                },
                () = sleep(pause) => remotes.iter().for_each(|one| one.renewed()),
            }
        }
    }
}
