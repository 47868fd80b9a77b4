-- Databases whose changes are kept, and how to find one's way in what is kept.

-- What an administrator has said about a database: holds for it under another name too, and for the next one of its name.
create table history_switches (
    database_name text primary key,
    database_oid oid,
    history boolean,
    gc_ttl_seconds int8 check (gc_ttl_seconds > 0)
);

-- generation: an unbroken stream. A new one begins whenever something may have been missed.
-- fingerprint: of what reports definitions. definitions: of the transactions that have changed some, as last looked at.
create table history_databases (
    database_oid oid primary key,
    generation uuid not null,
    secret text not null,
    fingerprint text not null,
    first_lsn pg_lsn not null,
    enrolled timestamptz not null default clock_timestamp()
);

create table history_gaps (
    database_oid oid not null,
    at timestamptz not null default clock_timestamp(),
    reason text not null
);

-- Where the upstream's clock stood at which place of the stream. monotonic: nanoseconds of the process that asked; both
-- clocks together tell when one was set.
create table history_anchors (
    database_oid oid not null,
    lsn pg_lsn not null,
    at timestamptz not null,
    monotonic int8 not null,
    process uuid not null,
    primary key (database_oid, lsn)
);

-- Schemas, each known to have been in force from one place to another.
create table history_schemas (
    database_oid oid not null,
    from_lsn pg_lsn not null,
    to_lsn pg_lsn not null,
    definitions text not null,
    content bytea not null,
    primary key (database_oid, from_lsn)
);

-- Why a table's changes are not kept; those that are not named here are.
create table history_tables (
    database_oid oid not null,
    table_oid oid not null,
    name text not null,
    reason text not null,
    primary key (database_oid, table_oid)
);
