//! Lists: pages, filters.

use serde_json::{Value, json};

use super::console::Console;
use crate::community::HOUSEHOLD;

#[tokio::test]
async fn pages_walk_everything_once() {
    let console = Console::start().await;
    let other = console
        .add("/v1/communities", json!({"name": "Other"}))
        .await;
    for number in 0..7 {
        let body = json!({"community": other["id"], "number": number.to_string()});
        console.add("/v1/flats", body).await;
    }

    for (limit, pages) in [(3, 3), (7, 1), (200, 1)] {
        let community = other["id"].as_str().unwrap();
        let first = format!("/v1/flats?community={community}&limit={limit}");
        let walked = walk(&console, &first, "items", "after").await;
        let numbers: Vec<_> = walked
            .concat()
            .iter()
            .map(|flat| flat["number"].clone())
            .collect();
        assert_eq!(walked.len(), pages);
        assert_eq!(json!(numbers), json!(["0", "1", "2", "3", "4", "5", "6"]));
    }
    let all = walk(&console, "/v1/flats?limit=4", "items", "after").await;
    assert_eq!(all.concat().len(), 9);
}

#[tokio::test]
async fn a_list_shows_what_is_directly_within() {
    let console = Console::start().await;
    let flats = walk(&console, "/v1/flats", "items", "after").await.concat();

    for (flat, names) in flats.iter().zip([&["mum", "dad"][..], &["neighbour"]]) {
        let path = format!("/v1/residents?flat={}", flat["id"].as_str().unwrap());
        let residents = walk(&console, &path, "items", "after").await.concat();
        let found: Vec<_> = residents.iter().map(|one| one["name"].clone()).collect();
        assert_eq!(json!(found), json!(names));
    }
}

#[tokio::test]
async fn records_are_filtered_and_walked() {
    let console = Console::start().await;
    let community = &console.community;
    let door = community.door().await;
    let mut calls = Vec::new();
    for household in [HOUSEHOLD, "1-102", HOUSEHOLD] {
        let call = door.press(household).await.ok().unwrap().call_id;
        let end = format!("/v1/calls/{call}/end");
        let (status, ended) = console.ask("POST", &end, json!({"reason": "test"})).await;
        assert_eq!((status, &ended["outcome"]), (200, &json!("admin")));
        let (status, again) = console.ask("POST", &end, json!({})).await;
        assert_eq!((status, again), (200, ended));
        calls.insert(0, call);
    }
    let home = console.home().await;
    let (_, second) = console
        .ask("GET", &format!("/v1/calls/{}", calls[1]), Value::Null)
        .await;
    let (from, neighbour) = (&second["started_at"], &community.neighbour.resident_id);
    let cases = [
        ("", 3),
        (&*format!("community={home}"), 3),
        ("community=none", 0),
        ("caller=door:lobby", 3),
        ("caller=door:garage", 0),
        (&format!("endpoint=resident:{neighbour}"), 1),
        ("endpoint=door:lobby", 3),
        ("outcome=admin", 3),
        ("outcome=no_answer", 0),
        (&format!("from={from}"), 2),
        (&format!("to={from}"), 1),
    ];

    for (filter, count) in cases {
        let path = format!("/v1/records?limit=2&{filter}");
        let walked = walk(&console, &path, "records", "before").await.concat();
        assert_eq!(walked.len(), count, "{filter}: {walked:?}");
    }
    let walked = walk(&console, "/v1/records?limit=1", "records", "before")
        .await
        .concat();
    let found: Vec<_> = walked.iter().map(|record| record["call"].clone()).collect();
    assert_eq!(json!(found), json!(calls));
    assert_eq!(walked[0]["community"], json!(home));
}

/// Page after page.
async fn walk(console: &Console, first: &str, items: &str, cursor: &str) -> Vec<Vec<Value>> {
    let (mut pages, mut path) = (Vec::new(), first.to_owned());
    loop {
        let (status, page) = console.ask("GET", &path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {page}");
        pages.push(page[items].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else {
            return pages;
        };
        let mark = if first.contains('?') { '&' } else { '?' };
        path = format!("{first}{mark}{cursor}={next}");
    }
}
