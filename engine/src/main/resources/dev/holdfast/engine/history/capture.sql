-- What Holdfast puts into a database whose history is kept. Run in one transaction by a superuser; leaves nothing behind
-- when it fails. Everything is in the schema "holdfast" and goes with it.
--
-- Event triggers report every change of a definition as transactional logical messages, which arrive in the change stream
-- at the place where the change takes effect. They run in users' transactions, so whatever goes wrong in them is reported
-- and never raised. A message that was sent in a subtransaction is delivered behind the change that follows it, unless
-- another message follows first: so every report is followed by padding.
--
-- A transaction of a user that is serializable must not fail because of what we note in it: nothing that is written here is
-- read on the way of an ordinary statement.

create schema holdfast;
comment on schema holdfast is 'kept by Holdfast; ALTER DATABASE ... CONFIGURE ZONE USING history = off removes it';
-- The owner of the database is to dump it as ever, which locks and reads every table.
grant usage on schema holdfast to public;

-- Anybody may send logical messages under any prefix: those that are ours carry this. A view, because a dump neither locks
-- nor reads it.
create materialized view holdfast.secret as
select pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
    pg_catalog.gen_random_uuid()::text || pg_catalog.gen_random_uuid()::text, 'UTF8')), 'hex') as value;

-- Default privileges may have given it to somebody.
do $$
declare
    reader oid;
begin
    for reader in
        select distinct a.grantee from pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
        where c.oid = 'holdfast.secret'::regclass and a.grantee <> c.relowner
    loop
        execute pg_catalog.format(
            'revoke all on holdfast.secret from %s', case reader when 0 then 'public' else reader::regrole::text end);
    end loop;
end
$$;

-- Transactions that have changed a definition: what is new here tells that there is a new schema to be read. Many of them are
-- summed up now and then.
create table holdfast.ddl (xid xid8 primary key, at timestamptz not null default clock_timestamp());
create table holdfast.ddl_before (transactions int8 not null, xids numeric not null);
insert into holdfast.ddl_before values (0, 0);

-- The replica identity that the user has declared for a table which has FULL now.
create table holdfast.identities (table_oid oid primary key, identity "char" not null, index_oid oid);
grant select on holdfast.ddl, holdfast.ddl_before, holdfast.identities to public;

-- A table as the stream needs it. key: columns of the primary key, else of a unique index over columns that are not null.
create function holdfast.describe(table_oid oid) returns jsonb language sql stable
set search_path = pg_catalog, pg_temp as $$
    select jsonb_build_object(
        'oid', c.oid::int8,
        'schema', n.nspname,
        'name', c.relname,
        'kind', c.relkind,
        'persistence', c.relpersistence,
        'identity', c.relreplident,
        'node', coalesce(pg_relation_filenode(c.oid), 0)::int8,
        'columns', coalesce((
            select jsonb_agg(jsonb_build_array(a.attnum, a.attname, a.atttypid::int8, a.attgenerated <> '') order by a.attnum)
            from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'),
        'key', (
            select to_jsonb(array(select k from unnest(i.indkey::int2[]) with ordinality u (k, o)
                where o <= i.indnkeyatts order by o))
            from pg_index i
            where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
                and not exists (
                    select from unnest(i.indkey::int2[]) with ordinality u (k, o)
                    where o <= i.indnkeyatts and not exists (
                        select from pg_attribute a where a.attrelid = c.oid and a.attnum = u.k and a.attnotnull))
            order by i.indisprimary desc, i.indimmediate desc, i.indexrelid limit 1))
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.oid = table_oid
$$;

-- Whether FULL would make the user's UPDATE and DELETE fail: the table is published with a column list, or (18) with
-- generated columns that are not published.
create function holdfast.conflicts(table_oid oid) returns boolean language sql stable
set search_path = pg_catalog, pg_temp as $$
    with family as (
        select table_oid as relid union select relid from pg_partition_ancestors(table_oid::regclass) as a (relid)
    ), published as (
        select p.oid, r.prattrs is not null as has_list, to_jsonb(p) ->> 'pubgencols' as generated
        from pg_publication p join pg_publication_rel r on r.prpubid = p.oid join family f on f.relid = r.prrelid
        where p.pubupdate or p.pubdelete
        union all
        select p.oid, false, to_jsonb(p) ->> 'pubgencols'
        from pg_publication p
        where (p.pubupdate or p.pubdelete) and (p.puballtables or exists (
            select from pg_publication_namespace s join pg_class c on c.relnamespace = s.pnnspid join family f on f.relid = c.oid
            where s.pnpubid = p.oid))
    )
    select coalesce(bool_or(has_list or generated is not null and exists (
        select from pg_attribute a
        where a.attrelid = table_oid and a.attnum > 0 and not a.attisdropped
            and (a.attgenerated = 'v' or a.attgenerated = 's' and generated <> 's'))), false)
    from published
$$;

create function holdfast.report(content jsonb) returns void language plpgsql
set search_path = pg_catalog, pg_temp as $$
declare
    secret text := (select value from holdfast.secret);
begin
    perform pg_logical_emit_message(true, 'holdfast', (content || jsonb_build_object('secret', secret))::text);
    perform pg_logical_emit_message(true, 'holdfast', '{}');
end
$$;

-- Puts back the identity that the user has declared. Needs the table's exclusive lock. Event triggers of the user are not
-- asked about what he has not done.
create function holdfast.give_back(table_oid oid) returns void language plpgsql
set search_path = pg_catalog, pg_temp set session_replication_role = replica as $$
declare
    declared record;
begin
    -- Forgotten first: the event trigger that this ALTER TABLE calls must not find it here again.
    with forgotten as (
        delete from holdfast.identities i where i.table_oid = give_back.table_oid returning i.identity, i.index_oid
    )
    select f.identity, x.relname as index_name into declared
    from forgotten f left join pg_class x on x.oid = f.index_oid;
    execute format('alter table %s replica identity %s', table_oid::regclass, case
        when declared.identity = 'n' then 'nothing'
        when declared.identity = 'f' then 'full'
        when declared.identity = 'i' and declared.index_name is not null
            then 'using index ' || quote_ident(declared.index_name)
        else 'default' end);
end
$$;

-- Remembers the identity that the user has declared, and gives the table FULL. Needs the table's exclusive lock.
create function holdfast.take_over(table_oid oid) returns void language plpgsql
set search_path = pg_catalog, pg_temp set session_replication_role = replica as $$
begin
    -- Whatever has become of it since it was FULL the last time has perhaps not been reported.
    perform holdfast.report(jsonb_build_object('kind', 'identity', 'table', table_oid::int8));
    insert into holdfast.identities
    select c.oid, c.relreplident, (select i.indexrelid from pg_index i where i.indrelid = c.oid and i.indisreplident)
    from pg_class c where c.oid = take_over.table_oid
    on conflict on constraint identities_pkey do update set identity = excluded.identity, index_oid = excluded.index_oid;
    execute format('alter table %s replica identity full', take_over.table_oid::regclass);
end
$$;

create function holdfast.mark() returns void language sql
set search_path = pg_catalog, pg_temp as $$
    insert into holdfast.ddl (xid) values (pg_current_xact_id()) on conflict do nothing
$$;

-- What happened is not known, only that something did. The stream has to say so even if it cannot be marked.
create function holdfast.confess(tag text, error text, state text) returns void language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
    perform holdfast.report(jsonb_build_object('kind', 'broken', 'tag', tag, 'error', error, 'state', state));
    begin
        perform holdfast.mark();
    exception when others then
        -- A reader of the stream has been told.
        null;
    end;
end
$$;

-- Whether this transaction has the table to itself: then its identity can be changed without waiting for anybody.
create function holdfast.owns(table_oid oid) returns boolean language sql
set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from pg_locks l
        where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.relation = table_oid
            and l.database = (select d.oid from pg_database d where d.datname = current_database())
            and l.mode = 'AccessExclusiveLock' and l.granted)
$$;

-- What a change of relations and types reaches: their indexes' tables, what uses a type at whatever depth, be it an element, a
-- domain, a column of a composite type or the row type of a table, and the heirs and partitions of all these.
create function holdfast.reach(inout relations oid[], inout types oid[]) language sql stable
set search_path = pg_catalog, pg_temp as $$
    with recursive reached (class, oid) as (
        select 'pg_type'::regclass::oid, t.oid from unnest(types) as t (oid)
        union
        select 'pg_class'::regclass::oid, coalesce(i.indrelid, r.oid)
        from unnest(relations) as r (oid) left join pg_index i on i.indexrelid = r.oid
        union
        select n.class, n.oid
        from reached r cross join lateral (
            select d.classid as class, d.objid as oid from pg_depend d
            where r.class = 'pg_type'::regclass and d.refclassid = 'pg_type'::regclass and d.refobjid = r.oid
                and d.classid in ('pg_type'::regclass, 'pg_class'::regclass)
            union all
            select 'pg_type'::regclass::oid, c.reltype from pg_class c
            where r.class = 'pg_class'::regclass and c.oid = r.oid and c.reltype <> 0
            union all
            select 'pg_class'::regclass::oid, i.inhrelid from pg_inherits i
            where r.class = 'pg_class'::regclass and i.inhparent = r.oid
        ) n
    )
    select array_agg(r.oid) filter (where c.relkind in ('r', 'p') and c.relpersistence <> 't'),
        array_agg(r.oid) filter (where r.class = 'pg_type'::regclass)
    from reached r left join pg_class c on r.class = 'pg_class'::regclass and c.oid = r.oid
$$;

-- The tables of the list as they are now, and those of them whose values print otherwise than before.
create function holdfast.redefined(relations oid[], types oid[]) returns jsonb language sql stable
set search_path = pg_catalog, pg_temp as $$
    select jsonb_build_object(
        'retyped', coalesce((
            select jsonb_agg(distinct a.attrelid::int8) from pg_attribute a
            where a.atttypid = any (types) and a.attrelid = any (relations)), '[]'),
        'tables', coalesce((select jsonb_agg(holdfast.describe(oid)) from unnest(relations) as u (oid)), '[]'))
$$;

create function holdfast.on_ddl() returns event_trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    touched oid[];
    altered oid[];
    published boolean;
    item record;
begin
    begin
        -- Temporary objects are nobody else's business.
        if not exists (select from pg_event_trigger_ddl_commands() where schema_name is distinct from 'pg_temp') then
            return;
        end if;
        select array_agg(distinct objid) filter (where classid = 'pg_class'::regclass),
            array_agg(distinct objid) filter (
                where classid = 'pg_type'::regclass and tg_tag <> 'CREATE TYPE' and tg_tag <> 'CREATE DOMAIN'),
            bool_or(classid in ('pg_publication'::regclass, 'pg_publication_rel'::regclass, 'pg_publication_namespace'::regclass))
        into touched, altered, published
        from pg_event_trigger_ddl_commands()
        where schema_name is distinct from 'pg_temp';
        -- A schema that gets another name, and an extension that moves, take their tables along without naming them.
        if tg_tag in ('ALTER SCHEMA', 'ALTER EXTENSION') then
            touched := touched || array(
                select c.oid from pg_class c join pg_event_trigger_ddl_commands() e
                    on e.classid = 'pg_namespace'::regclass and c.relnamespace = e.objid
                where c.relkind in ('r', 'p')
                union
                select d.objid from pg_depend d join pg_event_trigger_ddl_commands() e
                    on e.classid = 'pg_extension'::regclass and d.refclassid = e.classid and d.refobjid = e.objid
                where d.classid = 'pg_class'::regclass and d.deptype = 'e');
        end if;
        select * into touched, altered from holdfast.reach(touched, altered);
        perform holdfast.mark();
        perform holdfast.report(
            jsonb_build_object('kind', 'ddl', 'tag', tg_tag) || holdfast.redefined(touched, altered));
        -- Where the table has FULL already, nothing but the words tell that the user has declared it now.
        if tg_tag = 'ALTER TABLE' and current_query() ~* 'replica\s+identity\s+full' then
            update holdfast.identities i set identity = 'f', index_oid = null
            from pg_class c where c.oid = i.table_oid and c.oid = any (touched) and c.relreplident = 'f';
        end if;
        for item in
            select c.oid, c.relreplident = 'f' as is_full from pg_class c
            where c.relkind = 'r' and c.relpersistence = 'p' and c.relnamespace <> 'holdfast'::regnamespace
                and (c.oid = any (touched) or published)
                and (c.relreplident = 'f') = holdfast.conflicts(c.oid)
                and (published or holdfast.owns(c.oid))
        loop
            if not item.is_full then
                if holdfast.owns(item.oid) then
                    perform holdfast.take_over(item.oid);
                end if;
            elsif exists (select from holdfast.identities i where i.table_oid = item.oid) then
                perform holdfast.give_back(item.oid);
            end if;
        end loop;
    exception when others then
        perform holdfast.confess(tg_tag, sqlerrm, sqlstate);
    end;
exception when others then
    -- Even the report has failed. The next look at the definitions will find the difference.
    null;
end
$$;

create function holdfast.on_drop() returns event_trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    dropped int8[];
    touched oid[];
    altered oid[];
begin
    begin
        if not exists (select from pg_event_trigger_dropped_objects() where not is_temporary) then
            return;
        end if;
        -- What lost a column to a CASCADE is named nowhere else.
        select array_agg(objid::int8) filter (where object_type = 'table'),
            array_agg(distinct objid) filter (where classid = 'pg_class'::regclass and objsubid <> 0)
        into dropped, touched
        from pg_event_trigger_dropped_objects()
        where not is_temporary;
        select * into touched, altered from holdfast.reach(touched, null);
        perform holdfast.mark();
        perform holdfast.report(
            jsonb_build_object('kind', 'drop', 'tag', tg_tag, 'dropped', coalesce(to_jsonb(dropped), '[]'::jsonb))
            || holdfast.redefined(touched, altered));
    exception when others then
        perform holdfast.confess(tg_tag, sqlerrm, sqlstate);
    end;
exception when others then
    null;
end
$$;

create function holdfast.on_rewrite() returns event_trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    begin
        perform holdfast.report(jsonb_build_object('kind', 'rewrite', 'table', pg_event_trigger_table_rewrite_oid()::int8));
    exception when others then
        perform holdfast.confess(tg_tag, sqlerrm, sqlstate);
    end;
exception when others then
    null;
end
$$;

revoke all on all functions in schema holdfast from public;

create event trigger holdfast_ddl on ddl_command_end execute function holdfast.on_ddl();
create event trigger holdfast_drop on sql_drop execute function holdfast.on_drop();
create event trigger holdfast_rewrite on table_rewrite execute function holdfast.on_rewrite();
alter event trigger holdfast_ddl enable always;
alter event trigger holdfast_drop enable always;
alter event trigger holdfast_rewrite enable always;
