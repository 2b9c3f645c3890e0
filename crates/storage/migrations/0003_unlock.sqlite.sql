-- Doors that are a flat's own.
create table flat_door (
    door text primary key references device (id) on delete cascade,
    -- A flat that has a door of its own cannot go: the door would be everybody's.
    flat text not null references flat (id)
) strict;
create index flat_door_by_flat on flat_door (flat);

-- Orders to open a door. They outlive the door.
create table unlock (
    id text primary key,
    -- Who asked, and what they call it.
    asker text not null,
    key text not null,
    door text not null,
    community text not null,
    way text not null,
    call text,
    credential text,
    phase text not null,
    -- Of a denial.
    why text,
    note text,
    requested_ms integer not null,
    ends_ms integer not null,
    changed_ms integer not null,
    unique (asker, key)
) strict;
create index unlock_by_end on unlock (ends_ms) where phase in ('authorised', 'sent');
create index unlock_by_community on unlock (community, id);
create index unlock_by_door on unlock (door, id);

-- Codes and cards: what they read is known by a keyed digest alone.
create table credential (
    id text primary key,
    community text not null references community (id) on delete cascade,
    flat text not null references flat (id) on delete cascade,
    resident text references resident (id) on delete cascade,
    kind text not null,
    digest blob not null unique,
    label text not null,
    from_ms integer,
    until_ms integer,
    uses_left integer,
    created_ms integer not null
) strict;
create index credential_by_community on credential (community, id);
create index credential_by_flat on credential (flat);
create index credential_by_resident on credential (resident);

-- Wrong codes at a door.
create table code_entry (
    door text primary key references device (id) on delete cascade,
    wrong integer not null,
    -- Until when wrong ones count.
    counts_until_ms integer,
    locked_until_ms integer
) strict;

create table door_sensor (
    door text primary key references device (id) on delete cascade,
    state text not null,
    heard_ms integer not null
) strict;

-- Single-use permissions of live alarms.
create table door_nonce (
    digest blob primary key,
    flat text not null references flat (id) on delete cascade,
    alarm text not null,
    expires_ms integer not null,
    used_ms integer
) strict;
create index door_nonce_by_flat on door_nonce (flat);
create index door_nonce_by_end on door_nonce (expires_ms);

-- What happened at each door, in a chain: mac is keyed, and covers the mac before it. Rows are added
-- and never changed; see docs/access.md.
create table audit (
    door text not null,
    seq integer not null,
    at_ms integer not null,
    body text not null,
    previous blob not null,
    mac blob not null,
    primary key (door, seq)
) strict, without rowid;
create index audit_by_time on audit (at_ms);

-- Where each chain ends, sealed by the same key; the row '*' counts the rows of all chains.
create table audit_head (
    door text primary key,
    count integer not null,
    mac blob not null,
    seal blob not null
) strict;
