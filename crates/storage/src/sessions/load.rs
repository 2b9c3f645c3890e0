//! Rows to what was kept. What refers to nothing, which only a lost transaction could leave, is
//! passed over.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use broker::{
    Kept, KeptDelivery, KeptFilter, KeptMessage, KeptSession, MessageNo, SessionNo, Subject,
};
use rusqlite::{Connection, Row};

use crate::failure::{Result, unavailable};

pub(super) fn load(connection: &Connection) -> Result<Kept> {
    let messages: BTreeMap<MessageNo, KeptMessage> = messages(connection)?.into_iter().collect();
    let mut kept = Kept {
        sessions: sessions(connection)?,
        retained: retained(connection)?,
        messages,
    };
    kept.retained.retain(|no| kept.messages.contains_key(no));
    let mut places: HashMap<SessionNo, &mut KeptSession> = kept
        .sessions
        .iter_mut()
        .map(|session| (session.no, session))
        .collect();
    for (no, filter) in filters(connection)? {
        if let Some(session) = places.get_mut(&no) {
            session.filters.push(filter);
        }
    }
    for (no, delivery) in deliveries(connection)? {
        if let Some(session) = places.get_mut(&no)
            && kept.messages.contains_key(&delivery.message)
        {
            session.waiting.push(delivery);
        }
    }
    for (no, packet) in taken(connection)? {
        if let Some(session) = places.get_mut(&no) {
            session.taken.push(packet);
        }
    }
    Ok(kept)
}

fn sessions(connection: &Connection) -> Result<Vec<KeptSession>> {
    let sql = "select no, subject, client, life_s, ends_ms from session order by no";
    list(connection, sql, |row| {
        Ok(KeptSession {
            no: SessionNo(number(row, 0)?),
            subject: Subject::from(row.get::<_, String>(1)?),
            client: Arc::from(row.get::<_, String>(2)?),
            life: Duration::from_secs(number(row, 3)?),
            ends_ms: row.get(4)?,
            filters: Vec::new(),
            waiting: Vec::new(),
            taken: Vec::new(),
        })
    })
}

type Filter = (Arc<str>, KeptFilter);

fn filters(connection: &Connection) -> Result<Vec<(SessionNo, Filter)>> {
    let sql = "select session, filter, qos, no_local, as_published, identifier from filter";
    list(connection, sql, |row| {
        let how = KeptFilter {
            qos: row.get(2)?,
            no_local: row.get(3)?,
            as_published: row.get(4)?,
            identifier: row.get(5)?,
        };
        let filter = (Arc::from(row.get::<_, String>(1)?), how);
        Ok((SessionNo(number(row, 0)?), filter))
    })
}

fn messages(connection: &Connection) -> Result<Vec<(MessageNo, KeptMessage)>> {
    let sql = "select no, topic, payload, properties, qos, expires_ms from message";
    list(connection, sql, |row| {
        let message = KeptMessage {
            topic: Arc::from(row.get::<_, String>(1)?),
            payload: row.get::<_, Vec<u8>>(2)?.into(),
            properties: row.get::<_, Vec<u8>>(3)?.into(),
            qos: row.get(4)?,
            expires_ms: row.get(5)?,
        };
        Ok((MessageNo(number(row, 0)?), message))
    })
}

fn deliveries(connection: &Connection) -> Result<Vec<(SessionNo, KeptDelivery)>> {
    let sql = "select session, seq, message, qos, retain, identifiers, received from waiting
               order by session, seq";
    list(connection, sql, |row| {
        let identifiers: String = row.get(5)?;
        let delivery = KeptDelivery {
            seq: number(row, 1)?,
            message: MessageNo(number(row, 2)?),
            qos: row.get(3)?,
            retain: row.get(4)?,
            identifiers: identifiers.split(',').flat_map(str::parse).collect(),
            received: row.get(6)?,
        };
        Ok((SessionNo(number(row, 0)?), delivery))
    })
}

fn taken(connection: &Connection) -> Result<Vec<(SessionNo, u16)>> {
    let sql = "select session, packet from taken order by session, packet";
    list(connection, sql, |row| {
        Ok((SessionNo(number(row, 0)?), row.get(1)?))
    })
}

fn retained(connection: &Connection) -> Result<Vec<MessageNo>> {
    let sql = "select message from retained order by topic";
    list(connection, sql, |row| Ok(MessageNo(number(row, 0)?)))
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    Ok(u64::try_from(number).unwrap_or_default())
}

fn list<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare(sql).map_err(unavailable)?;
    let rows = statement.query_map([], read).map_err(unavailable)?;
    rows.collect::<rusqlite::Result<_>>().map_err(unavailable)
}
