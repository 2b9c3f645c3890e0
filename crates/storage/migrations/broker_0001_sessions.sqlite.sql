-- Lasting sessions of the embedded broker.
create table session (
    no integer primary key,
    subject text not null,
    client text not null,
    life_s integer not null,
    -- Null while it has a connection.
    ends_ms integer,
    unique (subject, client)
) strict;

create table filter (
    session integer not null,
    filter text not null,
    qos integer not null,
    no_local integer not null,
    as_published integer not null,
    identifier integer,
    primary key (session, filter)
) strict, without rowid;

-- Each payload once, for all who wait for it.
create table message (
    no integer primary key,
    topic text not null,
    payload blob not null,
    properties blob not null,
    qos integer not null,
    expires_ms integer
) strict;

create table waiting (
    session integer not null,
    seq integer not null,
    message integer not null,
    qos integer not null,
    retain integer not null,
    -- Numbers with commas between them.
    identifiers text not null,
    received integer not null,
    primary key (session, seq)
) strict, without rowid;

-- Packet ids of QoS 2 publishes that were not released.
create table taken (
    session integer not null,
    packet integer not null,
    primary key (session, packet)
) strict, without rowid;

create table retained (
    topic text primary key,
    message integer not null
) strict, without rowid;
