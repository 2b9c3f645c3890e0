//! Counts the records of the calls that were made: what was completed must have been kept.

use std::time::Duration;

use reqwest::Client;
use serde::Deserialize;

use super::community::Operator;
use crate::error::SimError;
use crate::login::login;
use crate::server::ServerAddress;

const PATH: &str = "/v1/records";
const REQUEST_WAIT: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Page {
    records: Vec<Record>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Record {
    caller: String,
}

/// How many records there are of calls from doors whose names begin with `run`.
///
/// Reads from the newest on and stops at a page without any.
pub async fn count_records(
    server: &ServerAddress,
    operator: &Operator,
    run: &str,
) -> Result<usize, SimError> {
    let token = login(server, &operator.name, &operator.password)
        .await?
        .token;
    let client = Client::builder()
        .timeout(REQUEST_WAIT)
        .no_proxy()
        .tls_certs_only([])
        .build()
        .map_err(unreachable)?;
    let (mut count, mut before) = (0, String::new());
    loop {
        let url = format!("{}{PATH}?limit=200{before}", server.http);
        let page = page(&client, &url, &token).await?;
        let found = page.records.iter().filter(|one| one.caller.contains(run));
        let found = found.count();
        count += found;
        match page.next {
            Some(next) if found > 0 => before = format!("&before={next}"),
            Some(_) | None => return Ok(count),
        }
    }
}

async fn page(client: &Client, url: &str, token: &str) -> Result<Page, SimError> {
    let request = client.get(url).bearer_auth(token);
    let response = request.send().await.map_err(unreachable)?;
    let http_status = response.status().as_u16();
    let body = response.bytes().await.map_err(unreachable)?;
    serde_json::from_slice(&body).map_err(|error| SimError::BadAnswer {
        path: PATH.to_owned(),
        http_status,
        why: error.to_string(),
    })
}

fn unreachable(source: reqwest::Error) -> SimError {
    SimError::Unreachable {
        path: PATH.to_owned(),
        source,
    }
}
