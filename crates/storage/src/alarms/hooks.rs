//! `HookStore` on SQLite.

use app::directory::{HOOKS_MAX, Hook, HookId};
use app::port::{BoxFuture, HookStore, StoreFailure};
use engine::id::CommunityId;
use engine::time::Instant;
use rusqlite::{Connection, Row};

use crate::directory::insert;
use crate::failure::Result;
use crate::sql::{execute, find, list};
use crate::store::Store;

impl HookStore for Store {
    fn add_hook(&self, hook: Hook) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |c| add(c, &hook)))
    }

    fn find_hook(&self, id: HookId) -> BoxFuture<'_, Result<Option<Hook>>> {
        Box::pin(self.readers.run(move |connection| {
            let sql = "select id, community, url, created_ms from hook where id = $1";
            find(connection, sql, [id.0], read)
        }))
    }

    fn list_hooks(&self, community: CommunityId) -> BoxFuture<'_, Result<Vec<Hook>>> {
        Box::pin(self.readers.run(move |connection| {
            let sql = "select id, community, url, created_ms from hook where community = $1
                       order by id";
            list(connection, sql, [community.as_str()], read)
        }))
    }

    fn remove_hook(&self, id: HookId) -> BoxFuture<'_, Result<bool>> {
        Box::pin(self.writer.run(move |connection| {
            let sql = "delete from hook where id = $1";
            Ok(execute(connection, sql, [id.0])? == 1)
        }))
    }
}

fn add(connection: &Connection, hook: &Hook) -> Result<()> {
    let community = hook.community.as_str();
    let sql = "select count(*) from hook where community = $1";
    let count: Option<u32> = find(connection, sql, [community], |row| row.get(0))?;
    if count.is_some_and(|count| count as usize >= HOOKS_MAX) {
        return Err(StoreFailure::Held {
            what: "webhooks",
            why: "a community has at most 8",
        });
    }
    let sql = "insert into hook (id, community, url, created_ms) values ($1, $2, $3, $4)";
    let row = (&hook.id.0, community, &hook.url, hook.created.ms());
    insert(connection, sql, row, "webhook", "community")
}

fn read(row: &Row<'_>) -> rusqlite::Result<Hook> {
    Ok(Hook {
        id: HookId(row.get(0)?),
        community: row.get::<_, String>(1)?.into(),
        url: row.get(2)?,
        created: Instant::from_ms(row.get(3)?),
    })
}
