//! The links there are, by whom they lead to.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::port::OpenOrder;
use engine::id::{CallId, EndpointId};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Connections that one peer may have open: one call each, and what it has not yet closed.
const PER_ENDPOINT_MAX: usize = 8;

/// One link as others see it.
pub(crate) struct Handle {
    pub(crate) no: u64,
    pub(crate) wake: Notify,
    pub(crate) close: CancellationToken,
    /// Orders to open the door that its peer is, to be sent at once.
    open: mpsc::Sender<Opening>,
}

/// An order on its way to a connection's task, and who waits for what became of it.
pub(crate) struct Opening {
    pub(crate) order: OpenOrder,
    pub(crate) written: oneshot::Sender<Written>,
}

/// What became of writing an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// All of it.
    Whole,
    /// Perhaps some of it.
    Unsure,
    /// Nothing.
    Nothing,
}

/// Orders that may wait for a connection's task; more are refused.
const ORDERS_MAX: usize = 8;

/// All of them.
#[derive(Default)]
pub(crate) struct Registry {
    last: AtomicU64,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    by_endpoint: HashMap<EndpointId, Vec<Arc<Handle>>>,
    /// Which link of an endpoint placed a call: of several that did, the last one speaks for it. Two
    /// endpoints placed it if each called the other.
    placed: HashMap<(CallId, EndpointId), u64>,
    /// Legs that are being called, or talk, on a connection of their own.
    called: HashSet<(CallId, EndpointId)>,
}

impl Registry {
    /// A handle for a connection, and the orders that it is given.
    pub(crate) fn handle(&self) -> (Arc<Handle>, mpsc::Receiver<Opening>) {
        let (open, orders) = mpsc::channel(ORDERS_MAX);
        let handle = Handle {
            no: self.last.fetch_add(1, Ordering::Relaxed),
            wake: Notify::new(),
            close: CancellationToken::new(),
            open,
        };
        (Arc::new(handle), orders)
    }

    /// Adds a link; false, and nothing done, if its endpoint has too many.
    pub(crate) fn add(&self, endpoint: &EndpointId, handle: &Arc<Handle>) -> bool {
        let mut inner = self.inner();
        let links = inner.by_endpoint.entry(endpoint.clone()).or_default();
        let has_room = links.len() < PER_ENDPOINT_MAX;
        if has_room {
            links.push(Arc::clone(handle));
        }
        has_room
    }

    /// Adds the one link of an endpoint; those it had are closed.
    pub(crate) fn replace(&self, endpoint: &EndpointId, handle: &Arc<Handle>) {
        let links = vec![Arc::clone(handle)];
        let replaced = self.inner().by_endpoint.insert(endpoint.clone(), links);
        for old in replaced
            .into_iter()
            .flatten()
            .filter(|old| old.no != handle.no)
        {
            old.close.cancel();
        }
    }

    pub(crate) fn remove(&self, endpoint: &EndpointId, handle: &Handle) {
        let mut inner = self.inner();
        if let Some(links) = inner.by_endpoint.get_mut(endpoint) {
            links.retain(|link| link.no != handle.no);
            if links.is_empty() {
                inner.by_endpoint.remove(endpoint);
            }
        }
    }

    /// Something may have to be said to the endpoint.
    pub(crate) fn wake(&self, endpoint: &EndpointId) {
        for link in self.inner().by_endpoint.get(endpoint).into_iter().flatten() {
            link.wake.notify_one();
        }
    }

    /// Hands an order to the link that speaks for the door in this call; none if there is no such
    /// link. What is dropped unanswered was not written.
    pub(crate) fn open(
        &self,
        door: &EndpointId,
        call: &CallId,
        order: OpenOrder,
    ) -> Option<oneshot::Receiver<Written>> {
        let (written, becomes) = oneshot::channel();
        let inner = self.inner();
        let no = inner.placed.get(&(call.clone(), door.clone()))?;
        let mut links = inner.by_endpoint.get(door).into_iter().flatten();
        let link = links.find(|link| link.no == *no);
        let opening = Opening { order, written };
        link?.open.try_send(opening).ok()?;
        Some(becomes)
    }

    /// The link speaks for the endpoint in this call from now on; its other links are woken, for one
    /// of them may have been made for the call.
    pub(crate) fn place(&self, call: &CallId, endpoint: &EndpointId, handle: &Handle) {
        let key = (call.clone(), endpoint.clone());
        self.inner().placed.insert(key, handle.no);
        self.wake(endpoint);
    }

    /// Whether another link speaks for the endpoint in this call.
    pub(crate) fn is_elsewhere(
        &self,
        call: &CallId,
        endpoint: &EndpointId,
        handle: &Handle,
    ) -> bool {
        let inner = self.inner();
        let placed = inner.placed.get(&(call.clone(), endpoint.clone()));
        placed.is_some_and(|no| *no != handle.no)
    }

    /// Whether the link spoke for the endpoint in this call; it does no more.
    pub(crate) fn displace(&self, call: &CallId, endpoint: &EndpointId, handle: &Handle) -> bool {
        let mut inner = self.inner();
        let key = (call.clone(), endpoint.clone());
        let is_own = inner.placed.get(&key) == Some(&handle.no);
        if is_own {
            inner.placed.remove(&key);
        }
        is_own
    }

    /// Whether nobody calls this leg yet; from now on somebody does.
    pub(crate) fn begin(&self, call: &CallId, endpoint: &EndpointId) -> bool {
        self.inner().called.insert((call.clone(), endpoint.clone()))
    }

    /// The leg's connection is gone.
    pub(crate) fn finish(&self, call: &CallId, endpoint: &EndpointId) {
        self.inner()
            .called
            .remove(&(call.clone(), endpoint.clone()));
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
