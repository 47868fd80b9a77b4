-- Tables that were made to inherit, with their columns in another order. pg_dump puts the parent's columns first.
create schema adopt;

create table adopt.base (a int not null, b text default 'base', c int check (c > 0), d int default 4, g int generated always as (a * 2) stored);
create table adopt.adopted (c int, b text, a int not null, own int, d int, g int generated always as (a * 2) stored, check (c > 0));
alter table adopt.adopted add constraint base_c_check check (c > 0);
alter table adopt.adopted inherit adopt.base;
create table adopt.second (z int, a int);
create table adopt.of_two (z int, own text, d int, c int, b text, a int not null, g int generated always as (a * 2) stored);
alter table adopt.of_two add constraint base_c_check check (c > 0);
alter table adopt.of_two inherit adopt.second; alter table adopt.of_two inherit adopt.base;
