//! Calls as a console lists them.

use engine::call::{Call, Outcome};
use engine::id::{CallId, CommunityId, EndpointId};
use engine::time::Instant;

use crate::port::{BoxFuture, Sight, StoreFailure};

/// A call and the community of the door it came from; none if that door was gone when it ended.
#[derive(Clone, Debug)]
pub struct LoggedCall {
    /// The call.
    pub call: Call,
    /// Where.
    pub community: Option<CommunityId>,
}

/// Which live calls to list, in the order of their ids.
#[derive(Clone, Debug)]
pub struct LivePage {
    /// How far the list may look.
    pub sight: Sight,
    /// Only those in this community.
    pub community: Option<CommunityId>,
    /// Only those after this one.
    pub after: Option<CallId>,
    /// At most this many, 1–201.
    pub limit: usize,
}

/// Which records to list.
#[derive(Clone, Debug)]
pub struct RecordQuery {
    /// How far the list may look.
    pub sight: Sight,
    /// What they must be like.
    pub filter: RecordFilter,
    /// Only older ones than this call.
    pub before: Option<CallId>,
    /// At most this many, 1–201.
    pub limit: usize,
}

/// What records must be like; what is none does not matter.
#[derive(Clone, Debug, Default)]
pub struct RecordFilter {
    /// In this community.
    pub community: Option<CommunityId>,
    /// With this caller.
    pub caller: Option<EndpointId>,
    /// With this caller or one who was rung.
    pub endpoint: Option<EndpointId>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// That began at this moment or later.
    pub from: Option<Instant>,
    /// That began before this moment.
    pub to: Option<Instant>,
}

/// Lists of calls.
pub trait CallLog: Send + Sync {
    /// A call, live or ended.
    fn find_logged(&self, id: CallId) -> BoxFuture<'_, Result<Option<LoggedCall>, StoreFailure>>;

    /// Calls that have not ended.
    fn live(&self, page: LivePage) -> BoxFuture<'_, Result<Vec<LoggedCall>, StoreFailure>>;

    /// Calls that ended, newest first.
    fn list_records(
        &self,
        query: RecordQuery,
    ) -> BoxFuture<'_, Result<Vec<LoggedCall>, StoreFailure>>;
}
