-- Owners, grants with and without grant option, grants that rest on grants, default privileges, row security.
create role "Odd ""role""";
create role anna;
create role bert;
create role cleo;
create schema priv authorization anna;
create schema "Priv X" authorization "Odd ""role""";

grant usage, create on schema priv to bert;
grant usage on schema priv to public;
grant anna, bert to cleo;
create table priv.t (id int primary key, a text, b text);
alter table priv.t owner to anna;
grant select on priv.t to bert with grant option;
grant insert, update (a), references (id), select (b) on priv.t to "Odd ""role""";
grant select (a) on priv.t to bert with grant option;
revoke delete, truncate on priv.t from anna;
set role bert; grant select on priv.t to cleo; grant select (a) on priv.t to public; reset role;
create table priv.all_gone (a int); alter table priv.all_gone owner to bert; revoke all on priv.all_gone from bert;
create table priv.to_public (a serial); grant all on priv.to_public to public; grant usage on sequence priv.to_public_a_seq to bert;
alter table priv.to_public owner to "Odd ""role""";
create view priv.v as select * from priv.t; alter view priv.v owner to bert; grant select, trigger on priv.v to cleo;
create materialized view priv.mv as select a from priv.to_public; alter materialized view priv.mv owner to anna;
grant select on priv.mv to bert;
create sequence priv.s; grant usage, select on sequence priv.s to bert; alter sequence priv.s owner to anna;

create function priv.f(int, variadic text[]) returns int language sql as $$ select 1 $$;
alter function priv.f(int, text[]) owner to anna; revoke execute on function priv.f from public; grant execute on function priv.f to bert;
create procedure priv.p(in int, out int) language plpgsql as $$ begin $2 := 1; end $$;
grant execute on procedure priv.p to cleo;
create aggregate priv.agg(int) (sfunc = int4pl, stype = int); revoke all on function priv.agg(int) from public; alter aggregate priv.agg(int) owner to bert;
create type priv.e as enum ('x'); alter type priv.e owner to bert; revoke usage on type priv.e from public; grant usage on type priv.e to cleo;
create domain priv.d as int; alter domain priv.d owner to anna; grant usage on domain priv.d to bert with grant option;
create type priv.c as (a int); alter type priv.c owner to anna;
create type priv.r as range (subtype = int); alter type priv.r owner to bert;
create operator priv.@+@ (function = int4pl, leftarg = int, rightarg = int); alter operator priv.@+@ (int, int) owner to anna;
create operator family priv.fam using hash; alter operator family priv.fam using hash owner to anna;
create operator class priv.cls for type int using hash family priv.fam as storage int; alter operator class priv.cls using hash owner to bert;
create collation priv.coll (locale = 'C'); alter collation priv.coll owner to anna;
create conversion priv.conv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8; alter conversion priv.conv owner to bert;
create text search dictionary priv.dict (template = simple); alter text search dictionary priv.dict owner to anna;
create text search configuration priv.cfg (copy = simple); alter text search configuration priv.cfg owner to bert;
create statistics priv.st on a, b from priv.t; alter statistics priv.st owner to bert;
create foreign data wrapper w; grant usage on foreign data wrapper w to anna with grant option;
create server s foreign data wrapper w; alter server s owner to anna; grant usage on foreign server s to bert;
create foreign table priv.ft (a int) server s; alter foreign table priv.ft owner to anna; grant select on priv.ft to bert;
create publication pub for table priv.all_gone;

revoke usage on language plpgsql from public; grant usage on language plpgsql to bert;
grant select on pg_catalog.pg_authid to anna; grant select (rolname) on pg_catalog.pg_authid to bert;
revoke select on pg_catalog.pg_proc from public; grant select (oid, proname) on pg_catalog.pg_proc to public;
grant execute on function pg_catalog.pg_reload_conf() to cleo; revoke execute on function pg_catalog.pg_sleep(float8) from public;
create extension citext with schema "Priv X";
revoke execute on function "Priv X".citext_eq("Priv X".citext, "Priv X".citext) from public;
grant execute on function "Priv X".citext_eq("Priv X".citext, "Priv X".citext) to anna;
revoke usage on type "Priv X".citext from public;
revoke create on schema public from public; grant create on schema public to bert; alter schema public owner to anna;
comment on schema public is 'not the standard one';

alter default privileges grant select on tables to anna;
alter default privileges for role anna in schema priv grant insert on tables to bert;
alter default privileges for role anna revoke execute on functions from public;
alter default privileges for role bert in schema priv grant usage on sequences to "Odd ""role""" with grant option;
alter default privileges for role bert revoke usage on types from public;
alter default privileges for role bert grant create on schemas to anna;
alter default privileges for role anna revoke all on tables from anna;

alter table priv.t enable row level security; alter table priv.t force row level security;
create policy everyone on priv.t using (a = current_user);
create policy thin on priv.t as restrictive for update to bert, "Odd ""role""" using (id > 0) with check (b <> '');
create policy inserting on priv.t for insert to anna with check (id in (select id from priv.v));
create policy reading on priv.t for select using (true);
create policy deleting on priv.t for delete to public using (false);
comment on policy thin on priv.t is 'a policy';
create table priv.secured_only (a int); alter table priv.secured_only enable row level security;

select lo_create(4711), lo_create(4712), lo_create(4713);
alter large object 4711 owner to anna; grant select on large object 4711 to bert; grant update on large object 4712 to public;
comment on large object 4713 is 'a large object';
