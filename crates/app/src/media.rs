//! What the media service reports of its rooms: evidence that ends or answers no call.
//!
//! Somebody who has no right to a call's media and turns up in its room is thrown out again.
//! Source: design of the call core, "media never answers".

use std::sync::atomic::{AtomicU64, Ordering};

use engine::call::{Call, LegNo, MediaRight, Room};

use crate::calls::Calls;
use crate::failure::Failure;
use crate::outbox::Outbox;
use crate::port::{BoxFuture, Errand, RoomTask};
use crate::principal::rtc_user;

/// Somebody came into a room or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomReport {
    /// Which room.
    pub room: Room,
    /// The name at the media service.
    pub user: String,
    /// When, by the service's clock in milliseconds; tells reports apart and decides nothing.
    pub at_ms: i64,
}

/// Why somebody left a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// Went, or was thrown out.
    Orderly,
    /// Lost its connection or its process.
    Lost,
}

/// Hears of a media service's rooms. Reports may come late, twice and out of order.
pub trait RoomEvents: Send + Sync {
    /// Somebody came into a room; what follows from it is kept when this returns.
    fn entered(&self, report: RoomReport) -> BoxFuture<'_, Result<(), Failure>>;

    /// Somebody left a room.
    fn left(&self, report: RoomReport, leaving: Leaving);
}

/// Keeps those out of rooms who have no right to be there.
pub struct RoomGuard {
    calls: Calls,
    outbox: Outbox,
    lost: AtomicU64,
}

impl RoomGuard {
    /// Wires the use case to the calls and to what is owed.
    pub fn new(calls: Calls, outbox: Outbox) -> Self {
        let lost = AtomicU64::new(0);
        Self {
            calls,
            outbox,
            lost,
        }
    }

    /// How many parties were reported lost since the start.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    async fn judge(&self, report: RoomReport) -> Result<(), Failure> {
        let RoomReport { room, user, at_ms } = report;
        let Some(call) = self.calls.find_in_room(&room).await? else {
            tracing::debug!(user, "somebody entered a room of no known call");
            return Ok(());
        };
        if may_be_inside(&call, &user) {
            return Ok(());
        }
        tracing::info!(call = %call.id, user, "an outsider entered a call's room and is removed");
        let users = vec![user.clone()];
        let errand = Errand {
            id: format!("{}/{user}/{at_ms}", call.id),
            task: RoomTask::Remove { room, users }.into(),
            since: self.calls.now(),
        };
        self.outbox.add(errand).await
    }
}

impl RoomEvents for RoomGuard {
    fn entered(&self, report: RoomReport) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(self.judge(report))
    }

    fn left(&self, report: RoomReport, leaving: Leaving) {
        if leaving == Leaving::Lost {
            let lost = self.lost.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::info!(
                user = report.user,
                lost,
                "a party was lost from its media room"
            );
        }
    }
}

/// Whether the user is the caller or a leg that may watch or talk.
fn may_be_inside(call: &Call, user: &str) -> bool {
    let is_user = |endpoint| rtc_user(endpoint).as_deref() == Some(user);
    if is_user(&call.caller) {
        return call.caller_media() != MediaRight::None;
    }
    let mut legs = call.legs.iter().enumerate();
    legs.any(|(no, leg)| is_user(&leg.endpoint) && call.leg_media(LegNo(no)) != MediaRight::None)
}
