//! Looks into a folder after a cut: is everything acknowledged there, and nothing half?

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use app::port::CallStore;
use engine::call::Call;
use engine::time::Instant;
use rusqlite::{Connection, Row};
use storage::Store;

use crate::ledger::Ledger;

/// Everything that is wrong; the power must be on and no store open.
pub(crate) async fn faults(folder: &Path, ledger: &Ledger) -> Vec<String> {
    let mut faults = Vec::new();
    match Store::open(folder) {
        Ok(store) => {
            let calls = store.recent(Instant::from_ms(i64::MIN)).await.unwrap();
            tokio::task::block_in_place(|| drop(store));
            let connection = Connection::open(folder.join("core.db")).unwrap();
            check_database(&connection, &mut faults);
            check_acknowledged(&calls, ledger, &mut faults);
            check_rows(&connection, &calls, &mut faults);
        }
        Err(failure) => faults.push(format!("does not open: {failure}")),
    }
    faults
}

fn check_database(connection: &Connection, faults: &mut Vec<String>) {
    let verdict: Vec<String> = list(connection, "pragma integrity_check", |row| row.get(0));
    if verdict != ["ok".to_owned()] {
        faults.push(format!("integrity: {verdict:?}"));
    }
    let dangling: Vec<String> = list(connection, "pragma foreign_key_check", |row| row.get(0));
    if !dangling.is_empty() {
        faults.push(format!("foreign keys: {dangling:?}"));
    }
}

/// An acknowledged state is still there or was followed by later ones; an answer and an end stay.
fn check_acknowledged(calls: &[Call], ledger: &Ledger, faults: &mut Vec<String>) {
    let found: BTreeMap<_, _> = calls.iter().map(|call| (&call.id, call)).collect();
    for known in ledger.all() {
        let Some(found) = found.get(&known.id) else {
            faults.push(format!("call {} is lost", known.id));
            continue;
        };
        let is_there = found.version > known.version || **found == *known;
        let keeps_answer = known.answer().is_none() || found.answer() == known.answer();
        let keeps_end = known.ended().is_none() || **found == *known;
        if !(is_there && keeps_answer && keeps_end) {
            faults.push(format!("acknowledged {known:?}, found {found:?}"));
        }
    }
}

/// The columns beside the documents, and the lines, say what the documents say.
fn check_rows(connection: &Connection, calls: &[Call], faults: &mut Vec<String>) {
    let (ended, live): (Vec<&Call>, Vec<&Call>) =
        calls.iter().partition(|call| call.ended().is_some());
    let mut compare = |table: &str, columns: &str, meant: BTreeSet<String>| {
        let sql = format!("select concat_ws(' ', {columns}) from {table}");
        let stored = list(connection, &sql, |row| row.get(0));
        let stored: BTreeSet<String> = stored.into_iter().collect();
        if stored != meant {
            let odd: Vec<_> = stored.symmetric_difference(&meant).collect();
            faults.push(format!("table {table}: {odd:?}"));
        }
    };
    let meant = live.iter().map(|call| live_row(call));
    compare("call", "id, version, deadline_ms", meant.collect());
    let meant = live.iter().flat_map(|call| parties(call));
    compare("party", "call, endpoint, holds", meant.collect());
    let meant = ended.iter().map(|call| record_row(call));
    let columns = "call, version, outcome, ended_ms";
    compare("record", columns, meant.collect());
    let meant = ended.iter().flat_map(|call| record_parties(call));
    compare("record_party", "call, endpoint", meant.collect());

    let ids: BTreeSet<_> = calls.iter().map(|call| &call.id).collect();
    if ids.len() != calls.len() {
        faults.push("a call is both live and a record".to_owned());
    }
}

fn live_row(call: &Call) -> String {
    let deadline = call.deadline().map_or(0, Instant::ms);
    format!("{} {} {deadline}", call.id, call.version.0)
}

fn record_row(call: &Call) -> String {
    let ended = call.ended().unwrap();
    let (outcome, at) = (ended.outcome.name(), ended.at.ms());
    format!("{} {} {outcome} {at}", call.id, call.version.0)
}

fn record_parties(call: &Call) -> Vec<String> {
    let rung = call.legs.iter().map(|leg| &leg.endpoint);
    rung.chain([&call.caller])
        .map(|endpoint| format!("{} {endpoint}", call.id))
        .collect()
}

fn parties(call: &Call) -> Vec<String> {
    let lines = call.lines();
    let holding = lines.iter().map(|one| format!("{} {one} 1", call.id));
    let ringing = call
        .legs
        .iter()
        .filter(|leg| leg.is_open() && !lines.contains(&&leg.endpoint))
        .map(|leg| format!("{} {} 0", call.id, leg.endpoint));
    holding.chain(ringing).collect()
}

fn list<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], read).unwrap();
    rows.map(Result::unwrap).collect()
}
