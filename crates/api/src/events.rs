//! `GET /v1/events`: calls as they change, as server-sent events. Source: HTML, §9.2.
//!
//! ```text
//! event: call      data: the call, as in /v1/calls/{id}
//! event: lagged    data: {"missed": 12}
//! : (keeps the connection alive every 15 s)
//! ```

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use app::calls::{Seen, Watcher};
use app::secret::Secret;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use engine::call::Call;
use futures_util::Stream;
use futures_util::stream::unfold;

use crate::Api;
use crate::ask::{Bearer, Operator};
use crate::calls::CallReply;
use crate::problem::{Problem, Refusals};

/// Proxies close a silent connection after 30 to 60 s.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Streams every change of the calls that the operator may see.
///
/// Begins with the next change; `GET /v1/calls` after connecting shows what is so far. Who reads
/// too slowly is told how many changes were missed. Ends when the token does.
#[utoipa::path(get, path = "/v1/events", tag = "events",
    responses((status = 200, body = String, content_type = "text/event-stream"), Refusals))]
pub(crate) async fn watch(
    _: Operator,
    Bearer(token): Bearer,
    State(api): State<Api>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let watcher = api.feed.watch();
    let watch = Watch {
        watcher,
        api,
        token,
    };
    let events = unfold(watch, |mut watch| async {
        let event = watch.next().await?;
        Some((Ok(event), watch))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

struct Watch {
    watcher: Watcher,
    api: Api,
    token: Secret,
}

impl Watch {
    /// The next event for this operator; none at the end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            match self.watcher.next().await {
                Seen::Over => return None,
                Seen::Missed(count) => {
                    let missed = format!("{{\"missed\":{count}}}");
                    return Some(Event::default().event("lagged").data(missed));
                }
                Seen::Changed(call) => {
                    // What they may can change while they watch.
                    let operator = Operator::find(&self.api, &self.token).await.ok()??;
                    match self.show(&operator, &call).await {
                        Ok(Some(event)) => return Some(event),
                        Ok(None) => {}
                        Err(_) => return None,
                    }
                }
            }
        }
    }

    /// The event of a call, if the operator may see it.
    async fn show(&self, operator: &Operator, call: &Arc<Call>) -> Result<Option<Event>, Problem> {
        let logged = self.api.log.find_logged(call.id.clone()).await;
        let logged = logged.map_err(app::Failure::from)?;
        let community = logged.and_then(|logged| logged.community);
        let may_see = match &community {
            Some(community) => operator.0.may_see(community),
            None => operator.0.is_owner(),
        };
        if !may_see {
            return Ok(None);
        }
        let community = community.map(|community| community.to_string());
        let event = Event::default().event("call");
        let event = event.json_data(CallReply::new(call, community));
        Ok(event.ok())
    }
}
