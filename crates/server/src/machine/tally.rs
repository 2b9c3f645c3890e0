//! Counting calls as they begin and end, for whoever watches the server.

use std::sync::Arc;

use app::port::Speaker;
use engine::call::{Call, Version};
use engine::id::EndpointId;
use metrics::counter;

/// A speaker that only counts.
pub(crate) struct Tally;

impl Speaker for Tally {
    fn wake(&self, endpoint: &EndpointId, call: &Arc<Call>) {
        if endpoint != &call.caller {
            return;
        }
        let is_new = call.version == Version::NONE.next();
        if is_new {
            counter!("koumen_calls_begun_total").increment(1);
        }
        if let Some(ended) = call.ended() {
            counter!("koumen_calls_ended_total", "outcome" => ended.outcome.name()).increment(1);
        }
    }
}
