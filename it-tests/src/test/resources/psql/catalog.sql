-- What psql asks the catalogs, about objects of every kind.
create schema s;
create type s.mood as enum ('sad', 'ok');
create domain s.percent as numeric(5, 2) check (value between 0 and 100);
create table s.customers (id int generated always as identity primary key, name varchar(20) not null default 'x', mood s.mood, p s.percent);
create table s.orders (id bigserial primary key, customer int references s.customers on delete cascade, at timestamptz) with (fillfactor = 80);
create index on s.orders (customer) where at is not null;
create view s.v as select name, count(*) from s.customers group by name;
create materialized view s.m as select * from s.v;
create table s.parts (a int, b text) partition by range (a);
create table s.parts_1 partition of s.parts for values from (0) to (10);
create function s.f(a int, out b text) language sql as 'select a::text';
comment on table s.customers is 'who buys';
\d
\d+ s.customers
\d s.orders
\d+ s.v
\d+ s.m
\d+ s.parts
\d s.orders_id_seq
\dt s.*
\di+ s.*
\dv s.*
\dm s.*
\ds s.*
\dT+ s.*
\dD s.*
\df+ s.*
\dn+ s
\dp s.*
\ddp
\du
\dx
\dO
\des
\dRp
\sf s.f
\sv s.v
\l
\l postgres
\dconfig work_mem
\conninfo_is_no_command
\x on
\d s.customers
select * from pg_class where relname = 'nothing';
table s.customers;
\x off
\a
table s.customers;
\t
select 1, null, 'text with | bar';
