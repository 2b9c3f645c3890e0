create table operator (
    id text primary key,
    name text not null unique,
    -- Owners may everything everywhere; the others what operator_role says.
    owner integer not null
) strict;

create table community (
    id text primary key,
    name text not null unique,
    rooms text not null,
    -- Of flat, device, community and the settings the first that is not null counts, each by itself.
    ring_s integer,
    talk_s integer,
    -- For whom a decline speaks; null is what the protocol means by it.
    declines text
) strict;

create table operator_role (
    operator text not null references operator (id) on delete cascade,
    community text not null references community (id) on delete cascade,
    role text not null,
    primary key (operator, community)
) strict, without rowid;
create index operator_role_by_community on operator_role (community);

create table building (
    id text primary key,
    community text not null references community (id),
    name text not null,
    unique (community, name)
) strict;

-- An entrance of a building; community repeats the building's.
create table unit (
    id text primary key,
    community text not null references community (id),
    building text not null references building (id),
    name text not null,
    unique (building, name),
    unique (community, id)
) strict;

create table flat (
    id text primary key,
    community text not null references community (id),
    unit text,
    number text not null,
    ring_s integer,
    talk_s integer,
    unique (community, number),
    unique (community, id),
    foreign key (community, unit) references unit (community, id)
) strict;
create index flat_by_unit on flat (unit);

create table resident (
    id text primary key,
    flat text not null references flat (id),
    name text not null unique
) strict;
create index resident_by_flat on resident (flat);

create table device (
    id text primary key,
    community text not null references community (id),
    unit text,
    name text not null,
    place text not null,
    kind text not null,
    -- A panel's.
    control text,
    -- A screen's and an inner box's.
    flat text,
    -- Of those that are known by their address.
    ip text unique,
    port integer,
    -- Of those that speak the TCP box protocol.
    profile text,
    secret blob not null,
    ring_s integer,
    talk_s integer,
    foreign key (community, unit) references unit (community, id),
    foreign key (community, flat) references flat (community, id)
) strict;
create index device_by_community on device (community);
create index device_by_unit on device (unit);
create index device_by_flat on device (flat);

-- What a device last said of itself.
create table device_status (
    device text primary key references device (id) on delete cascade,
    online integer not null,
    heard_ms integer not null,
    device_ms integer
) strict;

-- Registered app installations; name is the client id that the app chose.
create table client (
    id text primary key,
    resident text not null references resident (id) on delete cascade,
    name text not null,
    platform text not null,
    device_type text not null,
    app_version text not null,
    push_token text not null,
    -- A JWK, to which the client wants its credentials encrypted.
    public_key text,
    registered_ms integer not null,
    active integer not null default 0,
    priority integer not null default 5,
    last_active_ms integer,
    unique (resident, name)
) strict;

-- What signs in by name and password; subject is the id of a resident or an operator.
create table account (
    name text primary key,
    kind text not null,
    subject text not null,
    password text not null,
    unique (kind, subject)
) strict;

create table token (
    digest blob primary key,
    login text not null unique,
    kind text not null,
    subject text not null,
    expires_ms integer not null,
    -- The client that the login acts for.
    client text references client (id) on delete set null
) strict;
create index token_by_client on token (client);
create index token_by_subject on token (kind, subject);

-- Calls that have not ended. A call that ends moves to record.
create table call (
    id text primary key,
    version integer not null,
    deadline_ms integer not null,
    -- The media room's number, if it has one: unique among live calls.
    room integer unique,
    state text not null,
    -- The calling door's.
    community text
) strict;
create index call_by_deadline on call (deadline_ms);

-- Who takes part in a live call; at most one of an endpoint's rows holds its line.
create table party (
    endpoint text not null,
    call text not null references call (id) on delete cascade,
    holds integer not null,
    primary key (endpoint, call)
) strict, without rowid;
create unique index line on party (endpoint) where holds = 1;
create index party_by_call on party (call);

create table record (
    call text primary key,
    version integer not null,
    caller text not null,
    outcome text not null,
    created_ms integer not null,
    ended_ms integer not null,
    state text not null,
    -- The calling door's, kept when the door goes.
    community text
) strict;
create index record_by_end on record (ended_ms);
create index record_by_community on record (community, call);

-- Who took part in a call that ended.
create table record_party (
    endpoint text not null,
    call text not null references record (call) on delete cascade,
    primary key (endpoint, call)
) strict, without rowid;
