-- How far back tables may be read of which it was said; their names are for people.
create table history_zones (
    database_oid oid not null,
    table_oid oid not null,
    name text not null,
    gc_ttl_seconds int8 not null check (gc_ttl_seconds > 0),
    primary key (database_oid, table_oid)
);
