//! The one connection to the broker, as everyone here shares it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rumqttc::AsyncClient;
use rumqttc::mqttbytes::QoS;
use tokio::sync::watch;

/// Whether the way is open, and how often it was opened.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Way {
    pub(crate) is_open: bool,
    pub(crate) times: u64,
}

/// A connection that is open. Each has a client of its own, so that nothing of one gets into the next.
#[derive(Clone)]
pub(crate) struct Open {
    pub(crate) client: AsyncClient,
    /// At which to publish and subscribe: the broker may take nothing acknowledged.
    pub(crate) qos: QoS,
}

#[derive(Default)]
pub(crate) struct Line {
    open: Mutex<Option<Open>>,
    way: watch::Sender<Way>,
}

impl Line {
    /// None while the way is closed.
    pub(crate) fn get(&self) -> Option<Open> {
        self.slot().clone()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Way> {
        self.way.subscribe()
    }

    pub(crate) fn open(&self, open: Open) {
        *self.slot() = Some(open);
        self.way.send_modify(|way| {
            way.is_open = true;
            way.times += 1;
        });
    }

    /// False if it was closed already.
    pub(crate) fn close(&self) -> bool {
        *self.slot() = None;
        self.way
            .send_if_modified(|way| std::mem::replace(&mut way.is_open, false))
    }

    fn slot(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns when the way is opened again; never if nobody can open it any more.
pub(crate) async fn opened(way: &mut watch::Receiver<Way>) {
    if way.wait_for(|way| way.is_open).await.is_err() {
        std::future::pending::<()>().await;
    }
    way.mark_unchanged();
}

/// Returns when the way is no longer the one that was opened as the `times`-th.
pub(crate) async fn cut(mut way: watch::Receiver<Way>, times: u64) {
    let is_other = |way: &Way| !way.is_open || way.times != times;
    drop(way.wait_for(is_other).await);
}
