-- Functions, procedures, aggregates, operators and what is built on them.
create schema f;

create function f.plain(a int, b text default 'x''y', variadic c int[] default '{}') returns int
language sql immutable strict parallel safe leakproof cost 7 as $$ select a + coalesce(length(b), 0) $$;
comment on function f.plain(int, text, int[]) is 'plain';

create function f.outs(in a int, out b int, inout c text, out "D d" timestamptz) returns record
language plpgsql stable security definer set search_path = pg_catalog, "my schema", pg_temp set work_mem = '8MB'
set "my.setting" = 'a b' as $body$
begin
  b := a; -- $$ and 'quotes' and \ backslashes
end $body$;

create function f.rows() returns table (x int, y text) language sql rows 5 as $$ values (1, 'a'), (2, 'b') $$;
create function f.set_of() returns setof int language sql rows 77 as $$ select 1 $$;
create function f.overloaded(int) returns int language sql return 1;
create function f.overloaded(text) returns int language sql return 2;
create function f.overloaded(int, text) returns int language sql return 3;
create function f.polymorphic(anyelement, anyarray) returns anyarray language sql as $$ select $2 || $1 $$;
create function f.win(int) returns int language internal window immutable strict as 'window_row_number';
create procedure f.proc(in a int, out b int) language plpgsql as $$ begin b := a; end $$;
create procedure f.proc(out b int) language plpgsql as $$ begin b := 1; end $$;
comment on procedure f.proc(in int, out int) is 'a procedure';

create table f.t (id int primary key, v text);

create function f.atomic(i int) returns setof f.t
language sql
begin atomic
  select id, v from f.t where id = i;
  select id, case when v = 'x' then upper(v) else v end from f.t where id > i;
end;

create function f.uses_later() returns bigint language sql return (select count(*) from f.t);
create table f.uses_function (n bigint default f.uses_later(), check (f.plain(n::int) > 0));

-- A function that takes a table's row, which has a check that calls the function.
create table f.circle (a int);
create function f.circle_ok(f.circle) returns boolean language sql immutable as $$ select $1.a > 0 $$;
alter table f.circle add constraint ok check (f.circle_ok(circle));

create function f.circle_default() returns int language sql begin atomic select coalesce(max(a), 0) + 1 from f.circle; end;

alter table f.circle alter a set default f.circle_default();
comment on constraint ok on f.circle is 'split off';

-- A domain whose check calls a function that takes the domain.
create domain f.looped as int;
create function f.looped_ok(f.looped) returns boolean language sql immutable as $$ select true $$;
alter domain f.looped add constraint looped check (f.looped_ok(value::f.looped));

create function f.add(numeric, numeric) returns numeric language sql immutable as $$ select coalesce($1, 0) + $2 $$;
create function f.sub(numeric, numeric) returns numeric language sql immutable as $$ select $1 - $2 $$;
create function f.final(numeric) returns numeric language sql immutable as $$ select $1 $$;
create function f.final_extra(numeric, numeric) returns numeric language sql immutable as $$ select $1 $$;
create aggregate f.total(numeric) (sfunc = f.add, stype = numeric, sspace = 100, initcond = '0', finalfunc = f.final,
    finalfunc_modify = shareable, combinefunc = f.add, msfunc = f.add, minvfunc = f.sub, mstype = numeric, msspace = 50,
    minitcond = '0', mfinalfunc = f.final_extra, mfinalfunc_extra, mfinalfunc_modify = read_write, parallel = safe);
create aggregate f.star(*) (sfunc = int8inc, stype = int8, initcond = '0');
create aggregate f.biggest(int) (sfunc = int4larger, stype = int, sortop = >);
create aggregate f.ordered(float8 order by anyelement) (sfunc = ordered_set_transition, stype = internal,
    finalfunc = percentile_disc_final, finalfunc_extra = true);
create aggregate f.hypothetical(variadic "any" order by variadic "any") (sfunc = ordered_set_transition_multi, stype = internal,
    finalfunc = rank_final, finalfunc_extra, hypothetical);
comment on aggregate f.star(*) is 'counts';
comment on aggregate f.ordered(float8 order by anyelement) is 'orders';

create function f.eq(f.t, f.t) returns boolean language sql immutable as $$ select $1.id = $2.id $$;
create function f.ne(f.t, f.t) returns boolean language sql immutable as $$ select $1.id <> $2.id $$;
create operator f.=== (function = f.eq, leftarg = f.t, rightarg = f.t, commutator = operator(f.===), negator = operator(f.!==),
    restrict = eqsel, join = eqjoinsel, hashes, merges);
create operator f.!== (function = f.ne, leftarg = f.t, rightarg = f.t, commutator = operator(f.!==), negator = operator(f.===));
create function f.negate(text) returns text language sql immutable as $$ select reverse($1) $$;
create operator f.~~~~ (function = f.negate, rightarg = text);
comment on operator f.~~~~ (none, text) is 'prefix';

create type f.weight as enum ('light', 'heavy');
create function f.weight_lt(f.weight, f.weight) returns boolean language internal immutable strict as 'enum_lt';
create function f.weight_eq(f.weight, f.weight) returns boolean language internal immutable strict as 'enum_eq';
create function f.weight_gt(f.weight, f.weight) returns boolean language internal immutable strict as 'enum_gt';
create function f.weight_cmp(f.weight, f.weight) returns int language internal immutable strict as 'enum_cmp';
create operator f.<< (function = f.weight_lt, leftarg = f.weight, rightarg = f.weight, commutator = operator(f.>>));
create operator f.== (function = f.weight_eq, leftarg = f.weight, rightarg = f.weight, commutator = operator(f.==));
create operator f.>> (function = f.weight_gt, leftarg = f.weight, rightarg = f.weight, commutator = operator(f.<<));
create operator family f.weights using btree;
create operator class f.weight_ops default for type f.weight using btree family f.weights as
    operator 1 f.<<, operator 3 f.==, operator 5 f.>>, function 1 f.weight_cmp(f.weight, f.weight);
create operator family f.loose using btree;
alter operator family f.loose using btree add operator 1 < (int4, int8), function 1 (int4, int8) btint48cmp(int4, int8);
create operator class f.nothing for type int8 using hash as storage int8;
comment on operator class f.weight_ops using btree is 'a class';
comment on operator family f.loose using btree is 'a family';
create table f.weighed (w f.weight);
create index on f.weighed (w f.weight_ops);

create function f.weight_to_int(f.weight) returns int language sql immutable as $$ select case $1 when 'light' then 1 else 2 end $$;
create cast (f.weight as int) with function f.weight_to_int(f.weight) as assignment;
create cast (f.t as text) with inout as implicit;
create type f.bits;
create function f.bits_in(cstring) returns f.bits language internal immutable strict as 'int4in';
create function f.bits_out(f.bits) returns cstring language internal immutable strict as 'int4out';
create type f.bits (input = f.bits_in, output = f.bits_out, like = int4);
create cast (f.bits as int4) without function;
create cast (int8 as f.bits) with inout;
comment on cast (f.weight as int) is 'a cast';
create view f.casts as select w::int as i, 1 as n from f.weighed;

create transform for f.weight language sql (from sql with function prsd_lextype(internal));
comment on transform for f.weight language sql is 'a transform';
create function f.handler() returns language_handler language c as '$libdir/plpgsql', 'plpgsql_call_handler';
create function f.inliner(internal) returns void language c as '$libdir/plpgsql', 'plpgsql_inline_handler';
create function f.validator(oid) returns void language c as '$libdir/plpgsql', 'plpgsql_validator';
create trusted language mylang handler f.handler inline f.inliner validator f.validator;
comment on language mylang is 'a language';
create function f.in_mylang() returns int language mylang as $$ begin return 1; end $$;

create access method my_heap type table handler heap_tableam_handler;
create access method my_btree type index handler bthandler;
comment on access method my_heap is 'a method';
create table f.on_my_heap (a int) using my_heap with (fillfactor = 70, toast.autovacuum_enabled = false);
create materialized view f.mv_on_my_heap using my_heap as select 1 as one;

create conversion f.conv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create default conversion f.default_conv for 'LATIN2' to 'UTF8' from iso8859_to_utf8;
comment on conversion f.conv is 'a conversion';
