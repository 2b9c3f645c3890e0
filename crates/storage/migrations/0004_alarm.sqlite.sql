-- How a flat is armed, its zones, and what each of them waits for; none before the first change.
create table arming (
    flat text primary key references flat (id) on delete cascade,
    version integer not null,
    mode text not null,
    -- Null where no zone waits.
    deadline_ms integer,
    state text not null
) strict;
create index arming_by_deadline on arming (deadline_ms) where deadline_ms is not null;

-- Alarms, also those that are over.
create table alarm (
    id text primary key,
    version integer not null,
    -- Null once a person acknowledged.
    deadline_ms integer,
    flat text not null,
    -- The flat's, kept when that goes.
    community text not null,
    zone integer not null,
    open integer not null,
    -- Whether the guard was told.
    for_guards integer not null,
    ended_ms integer,
    state text not null
) strict;
create index alarm_by_deadline on alarm (deadline_ms) where deadline_ms is not null;
create index alarm_by_zone on alarm (flat, zone, id);
create index alarm_by_community on alarm (community, id);
create index alarm_by_end on alarm (ended_ms);
-- Triggers are counted on the open alarm of a zone.
create unique index alarm_open on alarm (flat, zone) where open = 1;

-- What happened to an alarm and who did it; rows are added and never changed.
create table alarm_event (
    alarm text not null references alarm (id),
    seq integer not null,
    at_ms integer not null,
    event text not null,
    -- Null where time or a sensor did it.
    person text,
    note text not null,
    primary key (alarm, seq)
) strict, without rowid;

-- Addresses outside that hear of alarms nobody inside took on. Their keys are derived, not kept.
create table hook (
    id text primary key,
    community text not null references community (id) on delete cascade,
    url text not null,
    created_ms integer not null
) strict;
create index hook_by_community on hook (community, id);
