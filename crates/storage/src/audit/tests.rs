//! Chains that somebody touched.

use rusqlite::Connection;

use crate::audit::check::{AuditFault, AuditReport, Check};
use crate::audit::head::ChainHead;
use crate::audit::row::AuditRow;
use crate::audit::{AuditKey, append};
use crate::sql::list;

fn key() -> AuditKey {
    AuditKey::new(&[7; 32])
}

/// Five rows of two doors: `a`, `b`, `a`, `b`, `a`.
fn chains() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    let sql = include_str!("../../migrations/0003_unlock.sqlite.sql");
    connection.execute_batch(sql).unwrap();
    for no in 0..5 {
        add(&connection, no);
    }
    connection
}

fn add(connection: &Connection, no: i64) {
    let door = if no % 2 == 0 { "a" } else { "b" };
    append(connection, &key(), door, no, format!("{{\"no\":{no}}}")).unwrap();
}

fn check(connection: &Connection) -> AuditReport {
    let sql = "select door, count, mac, seal from audit_head order by door";
    let heads = list(connection, sql, [], ChainHead::read).unwrap();
    let key = key();
    let mut check = Check::new(&key, heads);
    let sql = "select door, seq, at_ms, body, previous, mac from audit order by door, seq";
    let rows = list(connection, sql, [], AuditRow::read).unwrap();
    rows.iter().for_each(|row| check.row(row));
    check.finish()
}

/// What is found after `sql`, and that a further row hides none of it.
fn found_after(sql: &str) -> Vec<AuditFault> {
    let connection = chains();
    connection.execute_batch(sql).unwrap();
    let faults = check(&connection).faults;
    add(&connection, 6);
    assert!(!check(&connection).faults.is_empty(), "hidden: {sql}");
    faults
}

fn missing(door: &str, seq: i64) -> Vec<AuditFault> {
    let door = door.to_owned();
    vec![AuditFault::Missing { door, seq }]
}

fn head(door: &str) -> Vec<AuditFault> {
    let door = door.to_owned();
    vec![AuditFault::Head { door }]
}

#[test]
fn chains_that_nobody_touched_are_whole() {
    let report = check(&chains());

    assert_eq!((report.rows, report.faults), (5, Vec::new()));
    assert_eq!(report.heads.len(), 3);
}

#[test]
fn any_column_of_any_row_that_was_changed_is_found() {
    for change in [
        "body = '{}'",
        "at_ms = at_ms + 1",
        "previous = zeroblob(32)",
        "mac = zeroblob(32)",
    ] {
        let faults = found_after(&format!(
            "update audit set {change} where door = 'a' and seq = 2"
        ));

        let (door, seq) = ("a".to_owned(), 2);
        assert_eq!(faults, [AuditFault::Changed { door, seq }], "{change}");
    }
}

#[test]
fn rows_that_are_gone_are_found_wherever_they_stood() {
    for seq in 1..=3 {
        let sql = format!("delete from audit where door = 'a' and seq = {seq}");
        assert_eq!(found_after(&sql), missing("a", seq));
    }
    assert_eq!(
        found_after("delete from audit where door = 'b'"),
        missing("b", 1)
    );
}

#[test]
fn a_head_that_was_set_back_with_its_rows_is_found() {
    let shorter = "delete from audit where door = 'a' and seq = 3;
        update audit_head set count = 2,
            mac = (select mac from audit where door = 'a' and seq = 2) where door = 'a'";
    assert_eq!(found_after(shorter), head("a"));
    assert_eq!(
        found_after("delete from audit_head where door = 'b'"),
        head("b")
    );
}

#[test]
fn a_chain_that_is_gone_with_its_head_is_found() {
    let gone = "delete from audit where door = 'b'; delete from audit_head where door = 'b'";
    assert_eq!(found_after(gone), head("*"));
    assert_eq!(
        found_after("delete from audit_head where door = '*'"),
        head("*")
    );
}

#[test]
fn rows_that_were_moved_to_another_door_are_found() {
    let moved = "update audit set door = 'c' where door = 'b'";
    let (door, seq) = ("c".to_owned(), 1);

    let faults = found_after(moved);

    assert!(
        faults.contains(&AuditFault::Changed { door, seq }),
        "{faults:?}"
    );
}
