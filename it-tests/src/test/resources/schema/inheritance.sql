create schema inh;

create table inh.base (a int not null, b text default 'base', c int check (c > 0), d int default 4, g int generated always as (a * 2) stored);
create table inh.child () inherits (inh.base);
create table inh.more (e int, f text not null) inherits (inh.base);
create table inh.overriding (b text default 'mine', c int not null) inherits (inh.base);
create table inh.no_default (x int) inherits (inh.base);
alter table inh.no_default alter d drop default;
alter table inh.no_default alter a set default 9;
comment on column inh.child.a is 'inherited';

create table inh.second (a int, z int default 1);
create table inh.two (q int) inherits (inh.base, inh.second);
create table inh.grandchild () inherits (inh.two, inh.more);

-- The parent grew after its child had columns of its own. Their order is lost: a column that is only inherited cannot stand
-- behind the child's own ones in any CREATE TABLE.
create table inh.growing (a int);
create table inh.grown (own int) inherits (inh.growing);
alter table inh.growing add column b int not null default 5;
alter table inh.growing add constraint late check (b > 0);
alter table inh.growing add constraint only_here check (a > 0) no inherit;
alter table inh.growing add constraint unsure check (a < 1000) not valid;
