-- Copies, loops, several statements in one message, errors and what is left of a transaction after them.
create table t (a int primary key, b text);
\copy t from pstdin
\copy t from stdin
1	one
2	\N
3	with\ttab
\.
select * from t order by a;
\copy t to stdout
\copy (select a * 2, b from t order by a) to stdout with (format csv, header)
copy t to stdout;
copy t from stdin;
4	four
\.
copy t from stdin;
4	again
\.
\copy t from '/nonexistent/file'
\copy nosuch to stdout
\set VERBOSITY verbose
select 1/0;
\set VERBOSITY sqlstate
select nosuch;
\set VERBOSITY default
\set SHOW_CONTEXT always
do $$ begin raise exception 'in %', 'pl'; end $$;
select 1 as a\; select 2 as b\; select 3 as c;
select 1 as a\; select 1/0\; select 3 as c;
insert into t values (10)\; insert into t values (10);
select count(*) from t;
begin\; insert into t values (11)\; commit;
select count(*) from t where a = 11;
\set ON_ERROR_ROLLBACK on
begin;
insert into t values (20);
insert into t values (20);
insert into t values (21);
selekt;
commit;
select a from t where a >= 20 order by a;
\set ON_ERROR_ROLLBACK off
begin;
insert into t values (30);
insert into t values (30);
insert into t values (31);
commit;
select a from t where a >= 30;
\set FETCH_COUNT 2
select i from generate_series(1, 5) i;
\set FETCH_COUNT 0
select 'first' as x, 'second' as y \gset
\echo :x :y
select 'select ' || i from generate_series(1, 3) i \gexec
select i, i % 2 as odd, 'v' from generate_series(1, 3) i \crosstabview
prepare p as select $1::int + 1;
execute p(41);
select $1::text || $2::text \bind 'a' 'b' \g
select 42 as n \gdesc
listen c;
notify c, 'payload';
select 1;
\watch i=0.1 c=3
\errverbose
\lo_import /nonexistent
select lo_create(1234567);
\lo_list
\lo_unlink 1234567
\timing off
\encoding LATIN1
select convert_from('\xc3a4', 'UTF8');
\encoding UTF8
\set AUTOCOMMIT off
insert into t values (40);
rollback;
select count(*) from t where a = 40;
commit;
\set AUTOCOMMIT on
set role nosuch;
\c - nosuch
