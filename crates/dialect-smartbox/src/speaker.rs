//! The dialect as `app` sees it: woken for endpoints, and going on after a start.

use std::sync::Arc;

use app::directory::DeviceKind;
use app::port::{AlarmSpeaker, BoxFuture, Handed, OpenOrder, Opener, Speaker};
use engine::alarm::Alarm;
use engine::call::{Actor, Call, Input};
use engine::id::{EndpointId, Hand};

use crate::dialect::Smartbox;
use crate::registry::Written;

impl Smartbox {
    /// Goes on after a start: connections died with the process, and what hung on them with them.
    /// Those who rang are called again; screens come back by themselves.
    pub async fn resume(&self) {
        for call in self.ports().calls.current() {
            if call.ended().is_some() {
                continue;
            }
            match self.find_cut_off(&call) {
                Some(endpoint) => self.hang_up(&call, &endpoint).await,
                None => call
                    .legs
                    .iter()
                    .for_each(|leg| self.call_peer(&call, &leg.endpoint)),
            }
        }
    }

    /// The caller or winner whose connection carried the call.
    fn find_cut_off(&self, call: &Call) -> Option<EndpointId> {
        let winner = call
            .answer()
            .map(|answer| &call.legs[answer.leg.0].endpoint);
        let mut talking = [Some(&call.caller), winner].into_iter().flatten();
        let peers = self.ports().peers.peers();
        talking
            .find(|endpoint| peers.find_by_endpoint(endpoint).is_some())
            .cloned()
    }

    async fn hang_up(&self, call: &Call, endpoint: &EndpointId) {
        let device = app::principal::endpoint_device(endpoint);
        let hand = match call.answer() {
            Some(answer) if call.legs[answer.leg.0].endpoint == *endpoint => answer.hand.clone(),
            Some(_) | None => Hand::from(device.map(|id| id.to_string()).unwrap_or_default()),
        };
        let by = Actor {
            endpoint: endpoint.clone(),
            hand,
        };
        let hung_up = Input::Hangup {
            call: call.id.clone(),
            by,
            note: Some("restart".to_owned()),
        };
        if let Err(failure) = self.ports().calls.handle(hung_up).await {
            tracing::warn!(%failure, call = %call.id, "a call that was cut off could not be ended");
        }
    }
}

impl Speaker for Smartbox {
    fn wake(&self, endpoint: &EndpointId, call: &Arc<Call>) {
        self.registry().wake(endpoint);
        self.call_peer(call, endpoint);
    }
}

/// Screens of the flat and desks of the community are woken; each pulls what it may hear.
impl AlarmSpeaker for Smartbox {
    fn wake(&self, alarm: &Arc<Alarm>) {
        let peers = self.ports().peers.peers();
        let screens = peers.in_flat(&alarm.flat);
        for boxed in screens.chain(peers.centres(&alarm.place.community)) {
            self.registry().wake(&boxed.device.endpoint());
        }
    }
}

/// A door of this protocol opens on the connection by which it calls, and on no other.
impl Opener for Smartbox {
    fn open(&self, order: &OpenOrder) -> BoxFuture<'_, Handed> {
        let door = order.device.endpoint();
        let is_mine = matches!(order.device.kind, DeviceKind::Outdoor(_));
        let call = order.call.as_ref().filter(|_| is_mine);
        let becomes = call.and_then(|call| self.registry().open(&door, call, order.clone()));
        Box::pin(async move {
            match becomes {
                _ if !is_mine => Handed::NotMine,
                None => Handed::Unreachable,
                Some(becomes) => match becomes.await {
                    Ok(Written::Whole) => Handed::Over,
                    Ok(Written::Unsure) => Handed::Sent,
                    Ok(Written::Nothing) | Err(_) => Handed::Unreachable,
                },
            }
        })
    }
}
