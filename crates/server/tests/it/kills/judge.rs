//! The judge: at the end of the day everything acknowledged is there, once, and over.

use std::collections::BTreeMap;
use std::time::Duration;

use app::port::CallStore;
use engine::time::Instant;
use serde_json::Value;

use super::asking::Client;
use super::ledger::{Acknowledged, Ledger};
use crate::community::{Community, SOON};

const POLL: Duration = Duration::from_millis(5);

/// Every acknowledged call is found and ends by itself.
pub(super) async fn wait_for_every_end(community: &Community, ledger: &Ledger) {
    let operator = operator(community);
    let every = async {
        for call in ledger.all().keys() {
            while operator.status(call).await != "ended" {
                tokio::time::sleep(POLL).await;
            }
        }
    };
    let ended = tokio::time::timeout(SOON, every).await;
    assert!(ended.is_ok(), "a call has no end");
}

/// One record for each call, which says what was acknowledged; none for what nobody asked.
pub(super) async fn check_records(community: &Community, ledger: &Ledger) {
    let (mut records, known) = (records(community).await, ledger.all());
    for (call, acknowledged) in &known {
        let of_call = records.remove(call).unwrap_or_default();
        assert_eq!(of_call.len(), 1, "records of call {call}: {of_call:?}");
        check_record(&of_call[0], acknowledged);
    }
    let (strays, presses) = (records.len() as u64, ledger.strays());
    assert!(strays <= presses, "{strays} records for {presses} presses");
}

fn check_record(record: &Value, acknowledged: &Acknowledged) {
    let Some((resident, _)) = &acknowledged.winner else {
        return;
    };
    assert_eq!(record["outcome"], "answered", "{record}");
    let winner = format!("resident:{resident}");
    assert_eq!(record["answered_by"], *winner, "{record}");
}

/// Reads the killed server's folder: no call is alive, also none that nobody was told of.
pub(super) async fn check_nothing_lives(community: &Community) {
    let store = storage::Store::open(community.server.folder()).unwrap();
    let alive = store.due(Instant::from_ms(i64::MAX)).await.unwrap();
    assert!(alive.is_empty(), "{alive:?}");
}

/// All records by call, page after page.
async fn records(community: &Community) -> BTreeMap<String, Vec<Value>> {
    let operator = operator(community);
    let mut records: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut path = "/v1/records?limit=200".to_owned();
    loop {
        let page = operator.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.body);
        for record in page.body["records"].as_array().unwrap() {
            let call = record["call"].as_str().unwrap().to_owned();
            records.entry(call).or_default().push(record.clone());
        }
        let Some(next) = page.body["next"].as_str() else {
            return records;
        };
        path = format!("/v1/records?limit=200&before={next}");
    }
}

fn operator(community: &Community) -> Client {
    let server = &community.server;
    Client::bearing(&server.client, &server.http, &community.operator)
}
