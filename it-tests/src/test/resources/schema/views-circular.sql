create schema v;

create table v.base (id int primary key, a text collate "C", b int, c numeric(5, 1));
create view v.simple as select id, a as "A a", b::text || 'x' as t from v.base where b > 5;
create view v.options with (security_barrier = true, security_invoker = true) as select * from v.base;
create view v.checked as select * from v.base where b > 0 with local check option;
create view v.cascaded with (security_barrier) as select * from v.checked where b < 10 with cascaded check option;
alter view v.simple alter column t set default 'from the view';
comment on view v.simple is 'a view';
comment on column v.simple."A a" is 'its column';
create recursive view v.counted (n) as values (1) union all select n + 1 from counted where n < 10;
create view v.empty as select;
create view v.on_views as select s.id, o.a from v.simple s left join v.options o using (id), lateral (select 1 as one) l;

-- Needs a key that is built only after the rows.
create view v.grouped as select id, a, b, count(*) from v.base group by id;
create view v.on_grouped as select * from v.grouped where count > 1;
create materialized view v.grouped_mv as select id, a, sum(b) as s from v.base group by id;
create unique index on v.grouped_mv (id);

create function v.grouped_fn() returns table (i int, s text) language sql
begin atomic select id, a from v.base group by id; end;

create view v.on_grouped_fn as select * from v.grouped_fn();

-- A view and a function that need each other.
create view v.loop as select 1 as n, 'x'::text collate "C" as t, null::v.base as r;
create function v.of_loop(v.loop) returns int language sql immutable as $$ select $1.n $$;
create or replace view v.loop as select v.of_loop(row(1, 'x', null)::v.loop) as n, 'x'::text collate "C" as t, null::v.base as r;
comment on view v.loop is 'circular';
create view v.loop_a as select 1 as x;
create view v.loop_b as select x from v.loop_a;
create function v.from_b(v.loop_b) returns int language sql as $$ select 1 $$;
create or replace view v.loop_a with (security_barrier) as select v.from_b(null) as x;

create materialized view v.mv as select a, count(*) as n from v.base group by a with data;
create materialized view v.mv_on_mv as select * from v.mv where n > 0;
create materialized view v.mv_through_view as select v.n from (select n from v.mv) v;
create materialized view v.unfilled with (fillfactor = 80) as select * from v.base with no data;
create materialized view v.z_first as select 1 as one; create view v.between as select * from v.z_first;
create materialized view v.a_last as select * from v.between;
alter materialized view v.mv alter a set statistics 3;
create index mv_idx on v.mv (n); cluster v.mv using mv_idx;
comment on materialized view v.mv is 'a matview';
comment on column v.mv.n is 'its column';

create rule ins as on insert to v.simple do instead insert into v.base (id, a) values (new.id, new."A a");
create rule upd as on update to v.base where old.b <> new.b do also (
    insert into v.base values (old.id + 1000); delete from v.base where id = old.id - 1; update v.base set b = 0 where id = 0);
create rule del as on delete to v.base do instead nothing;
alter table v.base disable rule upd;
alter table v.base enable always rule del;
comment on rule del on v.base is 'a rule';

create function v.trg() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger instead instead of insert on v.on_views for each row execute function v.trg();
create trigger cols before update of a, b on v.base for each row when (old.a is distinct from new.a) execute function v.trg('arg', 'it''s', E'\\x');
create constraint trigger con after insert on v.base deferrable initially deferred for each row execute function v.trg();
create trigger trans after update on v.base referencing old table as o new table as n for each statement execute function v.trg();
alter table v.base disable trigger cols;
alter table v.base enable replica trigger trans;
comment on trigger cols on v.base is 'a trigger';

create function v.evt() returns event_trigger language plpgsql as $$ begin null; end $$;
create event trigger on_ddl on ddl_command_start when tag in ('CREATE SEQUENCE', 'DROP SEQUENCE') execute function v.evt();
create event trigger on_drop on sql_drop execute function v.evt();
alter event trigger on_drop disable;
comment on event trigger on_ddl is 'an event trigger';
