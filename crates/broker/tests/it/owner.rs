//! The owner of the broker under test: the user name is the subject, topics below `forbidden/` are
//! denied, those below `consume/` are handed to the test, those below `drop/` vanish.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use broker::{
    Broker, Connect, DisconnectReason, Hooks, Incoming, Limits, Link, Message, Principal, Refusal,
    Stranger, TurnedAway, Verdict,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::client::PATIENCE;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Heard {
    Connected(String),
    Subscribed(String, Vec<String>),
    Unsubscribed(String, Vec<String>),
    Disconnected(String, DisconnectReason),
    /// Client id and user name, if it came so far.
    TurnedAway(Option<(String, Option<String>)>, TurnedAway),
}

pub(crate) struct Owner {
    heard: mpsc::Sender<Heard>,
    consumed: mpsc::Sender<Incoming>,
    /// A filter that is denied from now on.
    pub(crate) denied: Mutex<Option<String>>,
    /// Published from inside `on_subscribed`.
    pub(crate) greeting: Mutex<Option<(Broker, Message)>>,
}

pub(crate) struct House {
    pub(crate) broker: Broker,
    pub(crate) address: SocketAddr,
    pub(crate) owner: Arc<Owner>,
    pub(crate) heard: mpsc::Receiver<Heard>,
    pub(crate) consumed: mpsc::Receiver<Incoming>,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<()>,
}

impl House {
    pub(crate) fn new() -> House {
        House::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> House {
        let (heard_in, heard) = mpsc::channel(10_000);
        let (consumed_in, consumed) = mpsc::channel(10_000);
        let owner = Arc::new(Owner {
            heard: heard_in,
            consumed: consumed_in,
            denied: Mutex::new(None),
            greeting: Mutex::new(None),
        });
        let broker = Broker::new(limits, owner.clone());
        let listener = broker::listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let (serving, stopped) = (broker.clone(), stop.clone());
        let tasks = tokio_util::task::TaskTracker::new();
        let served = tasks.spawn(async move { serving.serve(listener, stopped).await.unwrap() });
        House {
            broker,
            address,
            owner,
            heard,
            consumed,
            stop,
            served,
        }
    }

    pub(crate) async fn heard(&mut self) -> Heard {
        tokio::time::timeout(PATIENCE, self.heard.recv())
            .await
            .expect("nothing heard")
            .unwrap()
    }

    /// Waits for the end of a client's link and returns its reason.
    pub(crate) async fn end_of(&mut self, client: &str) -> DisconnectReason {
        loop {
            if let Heard::Disconnected(who, reason) = self.heard().await
                && who == client
            {
                return reason;
            }
        }
    }

    pub(crate) async fn consumed(&mut self) -> Incoming {
        let next = tokio::time::timeout(PATIENCE, self.consumed.recv());
        next.await.expect("nothing consumed").unwrap()
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.served)
            .await
            .expect("serve did not end")
            .unwrap();
    }

    pub(crate) fn stop_soon(&self) {
        self.stop.cancel();
    }
}

impl Owner {
    fn tell(&self, heard: Heard) {
        self.heard
            .try_send(heard)
            .expect("the test reads what it provokes");
    }
}

impl Hooks for Owner {
    fn authenticate<'a>(
        &'a self,
        connect: Connect<'a>,
    ) -> BoxFuture<'a, Result<Principal, Refusal>> {
        async move {
            match connect.username {
                None | Some("nobody") => Err(Refusal::BadCredentials),
                Some("banned") => Err(Refusal::Banned),
                Some("undecided") => std::future::pending().await,
                Some(user) => Ok(Principal {
                    subject: user.into(),
                    tag: 7,
                }),
            }
        }
        .boxed()
    }

    fn allow_subscribe(&self, _: &Link, filter: &str) -> bool {
        let denied = self.denied.lock().unwrap();
        let is_forbidden =
            filter.starts_with("forbidden/") || filter.starts_with("$share/forbidden/");
        !is_forbidden && denied.as_deref() != Some(filter)
    }

    fn allow_publish(&self, _: &Link, topic: &str, _: bool) -> bool {
        !topic.starts_with("forbidden/")
    }

    fn on_publish(&self, _: &Link, publish: Incoming) -> Verdict {
        if publish.topic.starts_with("consume/") {
            self.consumed
                .try_send(publish)
                .expect("the test reads what it provokes");
            Verdict::Consume
        } else if publish.topic.starts_with("drop/") {
            Verdict::Drop
        } else {
            Verdict::Forward
        }
    }

    fn on_connected(&self, link: &Link) -> bool {
        assert_eq!(link.tag, 7);
        self.tell(Heard::Connected(link.client.to_string()));
        true
    }

    fn on_subscribed(&self, link: &Link, filters: &[Arc<str>]) {
        let greeting = self.greeting.lock().unwrap().clone();
        if let Some((broker, message)) = greeting {
            broker.publish(message, None);
        }
        let filters = filters.iter().map(|filter| filter.to_string()).collect();
        self.tell(Heard::Subscribed(link.client.to_string(), filters));
    }

    fn on_unsubscribed(&self, link: &Link, filters: &[Arc<str>]) {
        let filters = filters.iter().map(|filter| filter.to_string()).collect();
        self.tell(Heard::Unsubscribed(link.client.to_string(), filters));
    }

    fn on_turned_away(&self, who: Option<Stranger<'_>>, why: TurnedAway) {
        let who = who.map(|who| (who.client_id.to_owned(), who.username.map(str::to_owned)));
        self.tell(Heard::TurnedAway(who, why));
    }

    fn on_disconnected(&self, link: &Link, reason: DisconnectReason) {
        self.tell(Heard::Disconnected(link.client.to_string(), reason));
    }
}
