//! What a connection must hear: pulled from the committed state whenever something may have changed.
//!
//! A peer of this protocol knows one call at a time. An offer that comes while it is in another waits
//! until that one is over on this connection.

use std::sync::Arc;

use engine::call::{Call, Notice, Party, Version, owed, party_of};
use engine::id::EndpointId;

use crate::link::conversation::{Conversation, Gone, Role};
use crate::notice::{accept, is_in, to_message};
use crate::offer::{Callee, request};
use crate::wire::Message;

impl Conversation {
    pub(super) async fn say(&mut self, message: Message) -> Result<(), Gone> {
        self.socket.say(&message).await.map_err(|_| Gone)
    }

    /// Says everything that is owed here: first of the call that the peer is in, then of others.
    pub(super) async fn speak(&mut self) -> Result<(), Gone> {
        let Some(endpoint) = self.endpoint() else {
            return Ok(());
        };
        let calls = self.house.ports().calls.calls_of(&endpoint);
        let current = self.current.call().cloned();
        let (first, rest): (Vec<_>, Vec<_>) = calls
            .iter()
            .filter(|call| self.concerns(call))
            .partition(|call| Some(&call.id) == current.as_ref());
        for call in first.into_iter().chain(rest) {
            self.speak_of(call, &endpoint).await?;
        }
        self.said
            .retain(|id, _| calls.iter().any(|call| call.id == *id));
        Ok(())
    }

    /// A screen hears of all its calls, others of the one that their connection is for.
    fn concerns(&self, call: &Call) -> bool {
        match &self.role {
            Role::Stranger => false,
            Role::Screen => true,
            Role::Caller => self.current.call() == Some(&call.id),
            Role::Callee(id) => *id == call.id,
        }
    }

    async fn speak_of(&mut self, call: &Arc<Call>, endpoint: &EndpointId) -> Result<(), Gone> {
        let Some(party) = party_of(call, endpoint) else {
            return Ok(());
        };
        let registry = self.house.registry();
        if matches!(self.role, Role::Callee(_))
            && registry.is_elsewhere(&call.id, endpoint, &self.handle)
        {
            // Both called each other, and the peer's own connection carries the call.
            self.current.close(&call.id);
            return Ok(());
        }
        let now = self.house.ports().calls.now();
        let told = self.said.get(&call.id).copied().unwrap_or(Version::NONE);
        let Some((notice, version)) = owed(call, party, told, now) else {
            return Ok(());
        };
        let is_known = told > Version::NONE || self.placed.as_ref() == Some(&call.id);
        if notice == Notice::Offer {
            return self.offer(call, version).await;
        }
        self.said.insert(call.id.clone(), version);
        if is_known {
            self.tell(call, party, notice).await?;
        }
        if !is_in(call, party) {
            self.current.close(&call.id);
            let registry = self.house.registry();
            registry.displace(&call.id, endpoint, &self.handle);
        }
        Ok(())
    }

    async fn offer(&mut self, call: &Call, version: Version) -> Result<(), Gone> {
        let is_elsewhere = self
            .current
            .call()
            .is_some_and(|current| *current != call.id);
        let Some(device) = self.device.clone().filter(|_| !is_elsewhere) else {
            return Ok(());
        };
        let ports = self.house.ports();
        let end = Callee {
            device: &device,
            place: self.place,
        };
        let message = request(call, end, &ports.peers.peers(), &ports.settings);
        self.said.insert(call.id.clone(), version);
        if self.ended.as_ref() == Some(&call.id) {
            self.ended = None;
        }
        self.say(Message::CallReq(message)).await?;
        let (name, now) = (call.id.to_string(), self.house.ports().calls.now());
        self.current.offer(call.id.clone(), name, now);
        Ok(())
    }

    /// What the peer did itself it is not told, and of a call that it is not in on this connection it
    /// must not be told: a message without a name would be taken for the one that it is in.
    async fn tell(&mut self, call: &Call, party: Party, notice: Notice) -> Result<(), Gone> {
        let is_current = self.current.call() == Some(&call.id);
        if !is_current || self.ended.as_ref() == Some(&call.id) {
            return Ok(());
        }
        let sid = self.current.name().unwrap_or_default().to_owned();
        // Both called each other: the one's call was taken for its answer to the other's.
        let is_glare = notice == Notice::Answered
            && party != Party::Caller
            && self.placed.as_ref() == Some(&call.id);
        let message = match is_glare {
            true => Some(accept(&sid)),
            false => to_message(call, party, notice, &sid),
        };
        match message {
            Some(message) => self.say(message).await,
            None => Ok(()),
        }
    }
}
