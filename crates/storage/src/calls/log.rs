//! `CallLog` on SQLite.

use app::port::{BoxFuture, CallLog, LivePage, LoggedCall, RecordQuery, Sight};
use engine::call::Outcome;
use engine::id::{CallId, CommunityId, EndpointId};
use rusqlite::{Connection, Params};

use crate::calls::row::from_text;
use crate::failure::{Result, unavailable};
use crate::store::Store;

impl CallLog for Store {
    fn find_logged(&self, id: CallId) -> BoxFuture<'_, Result<Option<LoggedCall>>> {
        let sql = "select id, version, state, community from call where id = $1
                   union all
                   select call, version, state, community from record where call = $1";
        Box::pin(
            self.readers
                .run(move |connection| Ok(query(connection, sql, [id.as_str()])?.pop())),
        )
    }

    fn live(&self, page: LivePage) -> BoxFuture<'_, Result<Vec<LoggedCall>>> {
        Box::pin(self.readers.run(move |connection| live(connection, &page)))
    }

    fn list_records(&self, asked: RecordQuery) -> BoxFuture<'_, Result<Vec<LoggedCall>>> {
        Box::pin(
            self.readers
                .run(move |connection| records(connection, &asked)),
        )
    }
}

fn live(connection: &Connection, page: &LivePage) -> Result<Vec<LoggedCall>> {
    let sql = "select id, version, state, community from call
               where ($1 is null or community in
                       (select community from operator_role where operator = $1))
                   and ($2 is null or community = $2) and id > $3
               order by id limit $4";
    let community = page.community.as_ref().map(CommunityId::as_str);
    let after = page.after.as_ref().map_or("", CallId::as_str);
    let params = (operator(&page.sight), community, after, count(page.limit));
    query(connection, sql, params)
}

fn records(connection: &Connection, asked: &RecordQuery) -> Result<Vec<LoggedCall>> {
    let sql = "select call, version, state, community from record
               where ($1 is null or community in
                       (select community from operator_role where operator = $1))
                   and ($2 is null or community = $2)
                   and ($3 is null or caller = $3)
                   and ($4 is null or call in
                       (select call from record_party where endpoint = $4))
                   and ($5 is null or outcome = $5)
                   and ($6 is null or created_ms >= $6)
                   and ($7 is null or created_ms < $7)
                   and ($8 is null or call < $8)
               order by call desc limit $9";
    let filter = &asked.filter;
    let params = (
        operator(&asked.sight),
        filter.community.as_ref().map(CommunityId::as_str),
        filter.caller.as_ref().map(EndpointId::as_str),
        filter.endpoint.as_ref().map(EndpointId::as_str),
        filter.outcome.map(Outcome::name),
        filter.from.map(|from| from.ms()),
        filter.to.map(|to| to.ms()),
        asked.before.as_ref().map(CallId::as_str),
        count(asked.limit),
    );
    query(connection, sql, params)
}

fn operator(sight: &Sight) -> Option<&str> {
    match sight {
        Sight::Everywhere => None,
        Sight::Of(operator) => Some(operator.as_str()),
    }
}

fn count(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}

fn query(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<LoggedCall>> {
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    let rows = statement.query_map(params, |row| {
        let community: Option<String> = row.get(3)?;
        let id: String = row.get(0)?;
        let (version, text): (i64, String) = (row.get(1)?, row.get(2)?);
        Ok((id, version, text, community.map(CommunityId::from)))
    });
    let calls = rows.map_err(unavailable)?.map(|row| {
        let (id, version, text, community) = row.map_err(unavailable)?;
        let call = from_text(&id, version, &text)?;
        Ok(LoggedCall { call, community })
    });
    calls.collect()
}
