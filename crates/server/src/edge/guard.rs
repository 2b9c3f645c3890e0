//! Loopback is no boundary against a browser: a page from anywhere can make its visitor's browser
//! send requests here. So pages of other origins are refused, and on loopback so are names that
//! somebody else's DNS points at us.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use metrics::histogram;

use crate::machine::Stopwatch;

/// A request that is not read and answered by then is cut off, so that slow senders cannot hold all
/// connections. Streams and `WebSocket`s are answered at once and go on.
const REQUEST_WAIT: Duration = Duration::from_secs(20);

/// What is let in.
#[derive(Clone)]
pub(crate) struct Guard {
    /// Origins of other pages that may use us, such as `https://desk.example.org`.
    origins: Arc<[String]>,
    /// Whether we are reached by loopback only.
    is_loopback: bool,
    /// Whether we are reached by TLS; else a proxy before us may be, so pages may come by either.
    is_secure: bool,
}

impl Guard {
    pub(crate) fn new(bound: SocketAddr, origins: &[String]) -> Self {
        Self {
            origins: origins.into(),
            is_loopback: bound.ip().is_loopback(),
            is_secure: false,
        }
    }

    /// Behind TLS: a page that came by plain HTTP is none of ours, whatever its host.
    pub(crate) fn secure(self) -> Self {
        Self {
            is_secure: true,
            ..self
        }
    }

    /// Puts the guard in front of all routes.
    pub(crate) fn around(self, router: Router) -> Router {
        router.layer(from_fn(move |request, next| {
            self.clone().watch(request, next)
        }))
    }

    /// Passes a request on, or says why not.
    async fn watch(self, request: Request, next: Next) -> Response {
        if let Err(why) = self.check(request.headers()) {
            return (StatusCode::FORBIDDEN, why).into_response();
        }
        let route = request.extensions().get::<MatchedPath>().cloned();
        let route = route.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
        let started = Stopwatch.now();
        let answered = tokio::time::timeout(REQUEST_WAIT, next.run(request)).await;
        let response = answered.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response());
        let seconds = Stopwatch.now().duration_since(started).as_secs_f64();
        let status = response.status().as_str().to_owned();
        histogram!("koumen_http_seconds", "route" => route, "status" => status).record(seconds);
        response
    }

    fn check(&self, headers: &HeaderMap) -> Result<(), &'static str> {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default();
        if self.is_loopback && !is_loopback_name(host) {
            return Err("this server is reached by loopback only; use localhost as the host");
        }
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Ok(());
        };
        let origin = origin.to_str().unwrap_or_default();
        let is_own = origin.split_once("://").is_some_and(|(scheme, authority)| {
            authority == host && (scheme == "https" || !self.is_secure)
        });
        if is_own || self.origins.iter().any(|allowed| allowed == origin) {
            return Ok(());
        }
        Err("pages of this origin may not use this server; see http.origins in the settings")
    }
}

fn is_loopback_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(bound: &str) -> Guard {
        Guard::new(
            bound.parse().unwrap(),
            &["https://desk.example.org".to_owned()],
        )
    }

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        headers
    }

    #[track_caller]
    fn check(bound: &str, host: &str, origin: Option<&str>, allowed: bool) {
        let headers = headers(host, origin);
        assert_eq!(
            guard(bound).check(&headers).is_ok(),
            allowed,
            "{bound} {host} {origin:?}"
        );
    }

    #[test]
    fn programs_without_an_origin_are_let_in() {
        check("0.0.0.0:8080", "door.example.org", None, true);
        check("127.0.0.1:8080", "127.0.0.1:8080", None, true);
        check("127.0.0.1:8080", "localhost:8080", None, true);
        check("[::1]:8080", "[::1]:8080", None, true);
    }

    #[test]
    fn a_page_of_another_origin_is_refused() {
        check(
            "0.0.0.0:8080",
            "door.example.org",
            Some("https://evil.example.org"),
            false,
        );
        check(
            "127.0.0.1:8080",
            "localhost:8080",
            Some("http://evil.example.org"),
            false,
        );
        check("0.0.0.0:8080", "door.example.org", Some("null"), false);
    }

    #[test]
    fn our_own_pages_and_named_ones_are_let_in() {
        check(
            "0.0.0.0:8080",
            "door.example.org",
            Some("https://door.example.org"),
            true,
        );
        check(
            "0.0.0.0:8080",
            "door.example.org",
            Some("https://desk.example.org"),
            true,
        );
        check(
            "127.0.0.1:8080",
            "localhost:8080",
            Some("http://localhost:8080"),
            true,
        );
    }

    #[test]
    fn behind_tls_only_pages_that_came_by_tls_are_our_own() {
        let allows = |origin: &str| {
            let headers = headers("door.example.org", Some(origin));
            guard("0.0.0.0:443").secure().check(&headers).is_ok()
        };

        assert!(allows("https://door.example.org"));
        assert!(allows("https://desk.example.org"));
        assert!(!allows("http://door.example.org"));
    }

    #[test]
    fn a_name_that_points_at_loopback_is_refused() {
        check("127.0.0.1:8080", "rebound.example.org:8080", None, false);
        check("127.0.0.1:8080", "127.0.0.1.example.org", None, false);
    }
}
