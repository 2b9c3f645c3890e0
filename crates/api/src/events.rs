//! `GET /v1/events`: calls and alarms as they change, as server-sent events. Source: HTML, §9.2.
//!
//! ```text
//! event: call      data: the call, as in /v1/calls/{id}
//! event: alarm     data: the alarm, as in /v1/alarms
//! event: lagged    data: {"missed": 12}
//! : (keeps the connection alive every 15 s)
//! ```

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use app::feed::{Seen, Watcher};
use app::seats::{Full, Most, Seat, Seats};
use app::secret::Secret;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use engine::alarm::Alarm;
use engine::call::Call;
use engine::id::OperatorId;
use futures_util::Stream;
use futures_util::stream::unfold;

use crate::Api;
use crate::alarms::AlarmReply;
use crate::ask::{Bearer, Operator};
use crate::calls::CallReply;
use crate::problem::{Problem, Refusals};

/// Proxies close a silent connection after 30 to 60 s.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Streams of one operator at once: some open pages; more only make every change cost more.
const STREAMS_PER_OPERATOR_MAX: usize = 8;

/// Streams at once; each change asks the store for each of them.
const STREAMS_MAX: usize = 256;

/// The event streams that are open, by operator. A handle, cheap to clone.
#[derive(Clone)]
pub struct Streams(Arc<Seats<OperatorId>>);

impl Default for Streams {
    fn default() -> Self {
        Self(Arc::new(Seats::new(Most {
            each: STREAMS_PER_OPERATOR_MAX,
            all: STREAMS_MAX,
        })))
    }
}

impl Streams {
    /// One more for this operator, until it is dropped; 429 at either limit.
    fn open(&self, operator: &OperatorId) -> Result<Seat<OperatorId>, Problem> {
        self.0.take(operator.clone()).map_err(|full| {
            let detail = match full {
                Full::Each => format!(
                    "event streams: an operator has at most {STREAMS_PER_OPERATOR_MAX} at once"
                ),
                Full::All => format!("event streams: all have at most {STREAMS_MAX} at once"),
            };
            Problem::new(StatusCode::TOO_MANY_REQUESTS, detail)
        })
    }
}

/// Streams every change of the calls and alarms that the operator may see.
///
/// Begins with the next change; `GET /v1/calls` and `GET /v1/alarms` after connecting show what is
/// so far. Who reads
/// too slowly is told how many changes were missed. Ends when the token does.
/// An operator has at most 8 streams at once, and all have 256; one more is refused with 429.
#[utoipa::path(get, path = "/v1/events", tag = "events",
    responses((status = 200, body = String, content_type = "text/event-stream"), Refusals))]
pub(crate) async fn watch(
    Operator(operator): Operator,
    Bearer(token): Bearer,
    State(api): State<Api>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let seat = api.streams.open(&operator.operator)?;
    let (calls, alarms) = (api.feed.watch(), api.alarms.feed.watch());
    let watch = Watch {
        calls,
        alarms,
        api,
        token,
        _seat: seat,
    };
    let events = unfold(watch, |mut watch| async {
        let event = watch.next().await?;
        Some((Ok(event), watch))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

struct Watch {
    calls: Watcher<Call>,
    alarms: Watcher<Alarm>,
    api: Api,
    token: Secret,
    _seat: Seat<OperatorId>,
}

impl Watch {
    /// The next event for this operator; none at the end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let event = tokio::select! {
                seen = self.calls.next() => match seen {
                    Seen::Over => return None,
                    Seen::Missed(count) => Some(lagged(count)),
                    Seen::Changed(call) => {
                        let operator = self.operator().await?;
                        self.show(&operator, &call).await.ok()?
                    }
                },
                seen = self.alarms.next() => match seen {
                    Seen::Over => return None,
                    Seen::Missed(count) => Some(lagged(count)),
                    Seen::Changed(alarm) => show_alarm(&self.operator().await?, &alarm),
                },
            };
            if event.is_some() {
                return event;
            }
        }
    }

    /// What they may can change while they watch.
    async fn operator(&self) -> Option<Operator> {
        Operator::find(&self.api, &self.token).await.ok()?
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

fn lagged(count: u64) -> Event {
    let missed = format!("{{\"missed\":{count}}}");
    Event::default().event("lagged").data(missed)
}

/// The event of an alarm, if the operator may see it.
fn show_alarm(operator: &Operator, alarm: &Alarm) -> Option<Event> {
    let event = Event::default().event("alarm");
    let shown = operator.0.may_see_alarm(alarm);
    let event = shown.then(|| event.json_data(AlarmReply::from(alarm)))?;
    event.ok()
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::response::IntoResponse;

    use super::*;

    async fn refusal(streams: &Streams, operator: &str) -> (StatusCode, String) {
        let refused = streams.open(&OperatorId::from(operator)).err().unwrap();
        let response = refused.into_response();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1024).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_ninth_stream_of_an_operator_is_refused_until_one_ends() {
        let streams = Streams::default();
        let anna = OperatorId::from("anna");
        let mut open: Vec<_> = (0..8).map(|_| streams.open(&anna).ok().unwrap()).collect();

        let (status, problem) = refusal(&streams, "anna").await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
        assert!(problem.contains("an operator has at most 8"), "{problem}");
        assert!(streams.open(&OperatorId::from("ben")).is_ok());
        open.pop();

        assert!(streams.open(&anna).is_ok());
    }

    #[tokio::test]
    async fn all_operators_together_have_a_limit_too() {
        let streams = Streams::default();
        let operators = (0..256).map(|n| OperatorId::from(format!("operator-{}", n / 8)));
        let _open: Vec<_> = operators
            .map(|operator| streams.open(&operator).ok().unwrap())
            .collect();

        let (status, problem) = refusal(&streams, "anna").await;

        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
        assert!(problem.contains("all have at most 256"), "{problem}");
    }
}
