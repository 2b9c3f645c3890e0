-- What is owed to outside services, kept with the step that caused it.
create table outbox (
    id text primary key,
    kind text not null,
    body text not null,
    since_ms integer not null,
    due_ms integer not null,
    tries integer not null default 0
) strict;
create index outbox_by_due on outbox (due_ms);
