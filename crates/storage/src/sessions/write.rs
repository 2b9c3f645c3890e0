//! Records to rows. Each can be written again: a transaction whose end nobody heard of is repeated.

use std::time::Duration;

use broker::{KeptDelivery, KeptFilter, KeptMessage, MessageNo, Record, SessionNo};
use rusqlite::{Connection, Params};

use crate::failure::{Result, unavailable};

pub(super) fn write(connection: &Connection, record: &Record) -> Result<()> {
    match record {
        Record::Session {
            no,
            subject,
            client,
            life,
        } => add_session(connection, *no, (subject, client), *life),
        Record::Ends {
            session,
            at_ms,
            life,
        } => execute(
            connection,
            "update session set ends_ms = $1, life_s = $2 where no = $3",
            (at_ms, int(life.as_secs()), int(session.0)),
        ),
        Record::SessionGone { session } => forget(connection, *session),
        Record::Filter {
            session,
            filter,
            how,
        } => add_filter(connection, *session, filter, *how),
        Record::FilterGone { session, filter } => execute(
            connection,
            "delete from filter where session = $1 and filter = $2",
            (int(session.0), &**filter),
        ),
        Record::Message { no, message } => add_message(connection, *no, message),
        Record::MessageGone { message } => execute(
            connection,
            "delete from message where no = $1",
            [int(message.0)],
        ),
        Record::Waiting { session, delivery } => add_delivery(connection, *session, delivery),
        Record::Received { session, seq } => execute(
            connection,
            "update waiting set received = 1 where session = $1 and seq = $2",
            (int(session.0), int(*seq)),
        ),
        Record::Done { session, seq } => execute(
            connection,
            "delete from waiting where session = $1 and seq = $2",
            (int(session.0), int(*seq)),
        ),
        Record::Taken { session, packet } => take(connection, *session, *packet),
        Record::Released { session, packet } => release(connection, *session, *packet),
        Record::Retained { topic, message } => execute(
            connection,
            "insert into retained (topic, message) values ($1, $2)
             on conflict (topic) do update set message = excluded.message",
            (&**topic, int(message.0)),
        ),
        Record::RetainedGone { topic } => execute(
            connection,
            "delete from retained where topic = $1",
            [&**topic],
        ),
    }
}

fn add_session(
    connection: &Connection,
    no: SessionNo,
    (subject, client): (&str, &str),
    life: Duration,
) -> Result<()> {
    execute(
        connection,
        "insert into session (no, subject, client, life_s) values ($1, $2, $3, $4)
         on conflict (no) do update set life_s = excluded.life_s, ends_ms = null",
        (int(no.0), subject, client, int(life.as_secs())),
    )
}

fn take(connection: &Connection, session: SessionNo, packet: u16) -> Result<()> {
    let sql = "insert into taken (session, packet) values ($1, $2) on conflict do nothing";
    execute(connection, sql, (int(session.0), packet))
}

fn release(connection: &Connection, session: SessionNo, packet: u16) -> Result<()> {
    let sql = "delete from taken where session = $1 and packet = $2";
    execute(connection, sql, (int(session.0), packet))
}

fn forget(connection: &Connection, session: SessionNo) -> Result<()> {
    for sql in [
        "delete from session where no = $1",
        "delete from filter where session = $1",
        "delete from waiting where session = $1",
        "delete from taken where session = $1",
    ] {
        execute(connection, sql, [int(session.0)])?;
    }
    Ok(())
}

fn add_filter(
    connection: &Connection,
    session: SessionNo,
    filter: &str,
    how: KeptFilter,
) -> Result<()> {
    execute(
        connection,
        "insert into filter (session, filter, qos, no_local, as_published, identifier)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (session, filter) do update set qos = excluded.qos,
             no_local = excluded.no_local, as_published = excluded.as_published,
             identifier = excluded.identifier",
        (
            int(session.0),
            filter,
            how.qos,
            how.no_local,
            how.as_published,
            how.identifier,
        ),
    )
}

fn add_message(connection: &Connection, no: MessageNo, message: &KeptMessage) -> Result<()> {
    execute(
        connection,
        "insert into message (no, topic, payload, properties, qos, expires_ms)
         values ($1, $2, $3, $4, $5, $6) on conflict (no) do nothing",
        (
            int(no.0),
            &*message.topic,
            &*message.payload,
            &*message.properties,
            message.qos,
            message.expires_ms,
        ),
    )
}

fn add_delivery(
    connection: &Connection,
    session: SessionNo,
    delivery: &KeptDelivery,
) -> Result<()> {
    let identifiers: Vec<String> = delivery.identifiers.iter().map(u32::to_string).collect();
    execute(
        connection,
        "insert into waiting (session, seq, message, qos, retain, identifiers, received)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (session, seq) do nothing",
        (
            int(session.0),
            int(delivery.seq),
            int(delivery.message.0),
            delivery.qos,
            delivery.retain,
            identifiers.join(","),
            delivery.received,
        ),
    )
}

fn execute(connection: &Connection, sql: &str, params: impl Params) -> Result<()> {
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    statement.execute(params).map_err(unavailable)?;
    Ok(())
}

/// Numbers count up from one, so none comes near the end.
fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
