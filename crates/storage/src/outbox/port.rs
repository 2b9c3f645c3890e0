//! `OutboxStore` on SQLite.

use app::port::{BoxFuture, DueErrand, Errand, Lane, OutboxStore};
use engine::time::Instant;

use crate::failure::{Result, unavailable};
use crate::outbox::row::{add_errand, kinds, stored, to_due};
use crate::store::Store;

impl OutboxStore for Store {
    fn add_errand(&self, errand: Errand) -> BoxFuture<'_, Result<()>> {
        Box::pin(
            self.writer
                .run(move |connection| add_errand(connection, &errand)),
        )
    }

    fn due_errands(
        &self,
        lane: Lane,
        now: Instant,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DueErrand>>> {
        Box::pin(self.readers.run(move |connection| {
            let [one, other] = kinds(lane);
            let limit = u32::try_from(limit).unwrap_or(u32::MAX);
            let mut statement = connection
                .prepare_cached(
                    "select id, kind, body, since_ms, tries from outbox where due_ms <= $1
                         and kind in ($2, $3)
                     order by due_ms, id limit $4",
                )
                .map_err(unavailable)?;
            let rows = statement
                .query_map((now.ms(), one, other, limit), stored)
                .map_err(unavailable)?;
            rows.map(|row| to_due(row.map_err(unavailable)?)).collect()
        }))
    }

    fn put_errand_off(&self, id: String, due: Instant) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |connection| {
            connection
                .execute(
                    "update outbox set due_ms = $1, tries = tries + 1 where id = $2",
                    (due.ms(), id),
                )
                .map_err(unavailable)?;
            Ok(())
        }))
    }

    fn forget_errand(&self, id: String) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |connection| {
            connection
                .execute("delete from outbox where id = $1", [id])
                .map_err(unavailable)?;
            Ok(())
        }))
    }
}
