//! Those who connect to us: each is waited on until it says something.
//!
//! A connection alone takes no line; its first message decides what it is.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::channel::{Channel, KeepAlive};
use super::wire::{Message, Profile};
use crate::error::SimError;

/// Connections that wait; one more is closed at once.
const WAITING_MAX: usize = 64;

pub(super) struct Callers {
    listener: TcpListener,
    manner: (Profile, KeepAlive),
    waiting: JoinSet<Option<(Channel, Message)>>,
}

impl Callers {
    pub(super) async fn bind(
        at: SocketAddr,
        manner: (Profile, KeepAlive),
    ) -> Result<Self, SimError> {
        let listener = TcpListener::bind(at).await.map_err(unable)?;
        Ok(Self {
            listener,
            manner,
            waiting: JoinSet::new(),
        })
    }

    pub(super) fn address(&self) -> Result<SocketAddr, SimError> {
        self.listener.local_addr().map_err(unable)
    }

    /// The next message of anybody. Cancelling the wait loses nothing.
    pub(super) async fn next(&mut self) -> Result<(Channel, Message), SimError> {
        loop {
            tokio::select! {
                accepted = self.listener.accept() => {
                    let (stream, _) = accepted.map_err(unable)?;
                    stream.set_nodelay(true).map_err(unable)?;
                    self.wait_on(Channel::over(stream, self.manner));
                }
                Some(ended) = self.waiting.join_next() => {
                    if let Ok(Some(said)) = ended {
                        return Ok(said);
                    }
                }
            }
        }
    }

    /// Waits for what a connection says next; one that ends or falls silent is forgotten.
    pub(super) fn wait_on(&mut self, mut channel: Channel) {
        if self.waiting.len() < WAITING_MAX {
            channel.name_call(None);
            self.waiting.spawn(async move {
                let message = channel.next().await.ok()?;
                Some((channel, message))
            });
        }
    }
}

fn unable(error: std::io::Error) -> SimError {
    SimError::LinkEnded {
        why: error.to_string(),
    }
}
