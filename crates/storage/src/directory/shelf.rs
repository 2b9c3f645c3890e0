//! `Shelf` on SQLite, for every kind of thing that has a table.

use app::port::{BoxFuture, Edit, Found, ListPage, Shelf, Sight, StoreFailure};
use rusqlite::{Connection, Params};

use crate::directory::table::{Table, text};
use crate::failure::{Result, unavailable};
use crate::store::Store;

impl<T: Table> Shelf<T> for Store {
    fn find(&self, id: String) -> BoxFuture<'_, Result<Option<Found<T>>>> {
        Box::pin(self.readers.run(move |connection| find(connection, &id)))
    }

    fn list(&self, page: ListPage) -> BoxFuture<'_, Result<Vec<Found<T>>>> {
        Box::pin(self.readers.run(move |connection| list(connection, &page)))
    }

    fn change(&self, id: String, edit: Edit<T>) -> BoxFuture<'_, Result<Found<T>>> {
        let missing = || StoreFailure::Missing { what: T::WHAT };
        Box::pin(self.writer.run(move |connection| {
            let mut found = find::<T>(connection, &id)?.ok_or_else(missing)?;
            edit(&mut found.entry);
            found.entry.write(connection)?;
            Ok(found)
        }))
    }

    fn remove(&self, id: String) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |connection| {
            let was_there = T::remove(connection, &id)?;
            was_there
                .then_some(())
                .ok_or(StoreFailure::Missing { what: T::WHAT })
        }))
    }
}

fn find<T: Table>(connection: &Connection, id: &str) -> Result<Option<Found<T>>> {
    let sql = format!("select * from ({}) as entry where id = $1", T::SELECT);
    Ok(query(connection, &sql, [id])?.pop())
}

fn list<T: Table>(connection: &Connection, page: &ListPage) -> Result<Vec<Found<T>>> {
    let sql = format!(
        "select * from ({}) as entry
         where ($1 is null or community in
                 (select community from operator_role where operator = $1))
             and ($2 is null or community = $2) and ($3 is null or parent = $3) and id > $4
         order by id limit $5",
        T::SELECT
    );
    let operator = match &page.sight {
        Sight::Everywhere => None,
        Sight::Of(operator) => Some(operator.as_str()),
    };
    let community = page.community.as_ref().map(|community| community.as_str());
    let after = page.after.as_deref().unwrap_or_default();
    let limit = u32::try_from(page.limit).unwrap_or(u32::MAX);
    let params = (operator, community, page.within.as_deref(), after, limit);
    query(connection, &sql, params)
}

fn query<T: Table>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<Found<T>>> {
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    let mut rows = statement.query(params).map_err(unavailable)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(unavailable)? {
        let community = text(row, 1)?.into();
        let entry = T::read(row)?;
        found.push(Found { entry, community });
    }
    Ok(found)
}
