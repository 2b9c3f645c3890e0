//! `CallStore` on SQLite.

use app::port::{BoxFuture, CallRule, CallStore, StoreFailure};
use engine::call::{Call, Decision, Version};
use engine::id::CallId;
use engine::time::Instant;

use crate::calls::facts::{
    Facts, find_call, list_calls, list_due, list_readable_calls, write_call,
};
use crate::failure::{Result, unavailable};
use crate::store::Store;

/// Deadlines that one sweep fires at most; the next sweep takes the rest.
const DUE_MAX: u32 = 200;

/// How often a step is decided again when a line was taken meanwhile. One writer cannot meet a
/// conflict at all; the bound keeps a fault from looping.
const DECIDE_MAX: usize = 3;

impl CallStore for Store {
    fn decide(&self, mut rule: CallRule) -> BoxFuture<'_, Result<Option<Decision>>> {
        Box::pin(self.writer.run(move |connection| {
            let mut last = unavailable("not decided");
            for _ in 0..DECIDE_MAX {
                match decide_once(connection, &mut rule) {
                    Err(conflict @ StoreFailure::Conflict { .. }) => last = conflict,
                    done => return done,
                }
            }
            Err(last)
        }))
    }

    fn find_call(&self, id: CallId) -> BoxFuture<'_, Result<Option<Call>>> {
        Box::pin(
            self.readers
                .run(move |connection| find_call(connection, &id)),
        )
    }

    fn find_in_room(&self, number: u32) -> BoxFuture<'_, Result<Option<Call>>> {
        Box::pin(self.readers.run(move |connection| {
            let calls = list_calls(
                connection,
                "select id, version, state from call where room = $1",
                [number],
            )?;
            Ok(calls.into_iter().next())
        }))
    }

    fn due(&self, now: Instant) -> BoxFuture<'_, Result<Vec<(CallId, Version)>>> {
        Box::pin(
            self.readers
                .run(move |connection| list_due(connection, now, DUE_MAX)),
        )
    }

    fn recent(&self, since: Instant) -> BoxFuture<'_, Result<Vec<Call>>> {
        Box::pin(self.readers.run(move |connection| {
            list_readable_calls(
                connection,
                "select id, version, state from call
                 union all
                 select call, version, state from record where ended_ms >= $1",
                [since.ms()],
            )
        }))
    }
}

/// Decides in a savepoint of its own, so that a conflict leaves nothing behind.
fn decide_once(connection: &rusqlite::Connection, rule: &mut CallRule) -> Result<Option<Decision>> {
    let run = |sql: &str| -> Result<()> {
        let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
        statement.execute([]).map_err(unavailable)?;
        Ok(())
    };
    run("savepoint decide")?;
    let decided = rule(&mut Facts(connection)).and_then(|decision| {
        // Ended calls first: they give lines back that others take.
        let changed = decision.iter().flat_map(|decision| &decision.changed);
        let (ended, live): (Vec<&Call>, Vec<&Call>) = changed.partition(|c| c.ended().is_some());
        ended
            .into_iter()
            .chain(live)
            .try_for_each(|call| write_call(connection, call))?;
        Ok(decision)
    });
    if decided.is_err() {
        run("rollback to decide")?;
    }
    run("release decide")?;
    decided
}
