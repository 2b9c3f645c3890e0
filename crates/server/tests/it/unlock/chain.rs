//! The audit: what `koumen audit` finds, and what it says of a chain that somebody touched.

use std::process::{Command, Output};

use rusqlite::Connection;
use serde_json::Value;
use sim::Door;

use crate::community::{Community, SOON};
use crate::running::KOUMEN;
use crate::unlock::lock::{ask_door, listed, opens, order};

#[tokio::test]
async fn a_whole_chain_is_whole_also_beside_the_running_server() {
    let community = opened_twice().await;

    let checked = audit(&community, &["verify"]);

    assert!(checked.status.success());
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(said.starts_with("whole: 6 rows"), "{said}");
    assert!(said.contains("door lobby: 6 rows, ends "), "{said}");
}

#[tokio::test]
async fn every_change_of_an_order_is_a_row_in_the_doors_chain() {
    let community = opened_twice().await;

    let rows = exported(&community);

    let states: Vec<&str> = rows
        .iter()
        .filter_map(|row| row["body"]["state"].as_str())
        .collect();
    let once = ["authorised", "sent", "executed"];
    assert_eq!(states, [once, once].concat());
    for pair in rows[..6].windows(2) {
        assert_eq!(pair[0]["mac"], pair[1]["previous"]);
    }
    assert_eq!(rows[6]["head"]["mac"], rows[5]["mac"]);
    assert_eq!(rows[6]["head"]["count"], 6);
}

#[tokio::test]
async fn a_changed_row_is_found() {
    let said =
        tampered("update audit set body = replace(body, 'executed', 'refused') where seq = 3")
            .await;

    assert!(said.contains("door lobby: row 3 was changed"), "{said}");
}

#[tokio::test]
async fn a_missing_row_is_found() {
    let said = tampered("delete from audit where seq = 2").await;

    assert!(said.contains("door lobby: row 2 is missing"), "{said}");
}

#[tokio::test]
async fn a_missing_end_is_found_also_after_further_rows() {
    let said = tampered("delete from audit where seq > 4").await;
    assert!(said.contains("door lobby: row 5 is missing"), "{said}");

    let forged = "delete from audit where seq > 4;
         update audit_head set count = 4,
             mac = (select mac from audit where seq = 4) where door = 'lobby'";
    let said = tampered(forged).await;
    assert!(
        said.contains("door lobby: what says where it ends was changed"),
        "{said}"
    );
}

#[tokio::test]
async fn a_missing_chain_is_found() {
    let said = tampered("delete from audit; delete from audit_head where door = 'lobby'").await;

    assert!(said.contains("whole chains"), "{said}");
}

/// Two openings by right, three rows each.
async fn opened_twice() -> Community {
    let community = Community::start().await;
    let mut door = community.door().await;
    for key in ["u-1", "u-2"] {
        let asked = ask_door(&community, &community.mum, "lobby", key);
        let ((status, _), ()) = tokio::join!(asked, opens_later(&community, &mut door));
        assert_eq!(status, 200);
    }
    community
}

/// Confirms after the server has noted that the order was sent, so that this is a row of its own.
async fn opens_later(community: &Community, door: &mut Door) {
    let heard = order(door).await.unlock_id.unwrap();
    let noted = async { while listed(community).await[0].0 != "sent" {} };
    tokio::time::timeout(SOON, noted).await.unwrap();
    door.confirm(&heard, true).await.ok().unwrap();
}

/// Does this to the database of a stopped server, lets it open the door once more, and checks.
async fn tampered(sql: &str) -> String {
    let mut community = opened_twice().await;
    community.server.stop();
    let database = Connection::open(community.server.folder().join("core.db")).unwrap();
    database.execute_batch(sql).unwrap();
    drop(database);
    let before = failed(&community);
    community.server.restart();
    let mut door = community.door().await;
    let asked = ask_door(&community, &community.mum, "lobby", "u-3");
    let ((status, _), _) = tokio::join!(asked, opens(&mut door));
    assert_eq!(status, 200);
    // What is added later hides nothing.
    failed(&community);
    before
}

fn failed(community: &Community) -> String {
    let checked = audit(community, &["verify"]);
    assert_eq!(checked.status.code(), Some(1));
    String::from_utf8(checked.stdout).unwrap()
}

pub(super) fn assert_whole(community: &Community) {
    let checked = audit(community, &["verify"]);
    assert!(checked.status.success(), "{checked:?}");
}

/// What is exported, a line each.
pub(super) fn exported(community: &Community) -> Vec<Value> {
    let exported = audit(community, &["export", "--door", "lobby"]);
    assert!(exported.status.success(), "{exported:?}");
    let lines = String::from_utf8(exported.stdout).unwrap();
    let read = |line: &str| serde_json::from_str(line).unwrap();
    lines.lines().map(read).collect()
}

fn audit(community: &Community, arguments: &[&str]) -> Output {
    let mut command = Command::new(KOUMEN);
    command.arg("audit").args(arguments).arg("--data");
    command.arg(community.server.folder()).output().unwrap()
}
