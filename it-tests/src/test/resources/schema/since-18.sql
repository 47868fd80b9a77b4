create schema n18;

create table n18.not_nulls (
    a int constraint mine not null, b int not null no inherit, c int, d int, e int not null, "odd col" int not null,
    constraint table_level not null c);
alter table n18.not_nulls add constraint unsure not null d not valid;
comment on constraint mine on n18.not_nulls is 'named';
comment on constraint unsure on n18.not_nulls is 'not valid';
comment on constraint not_nulls_e_not_null on n18.not_nulls is 'default name';
create table n18.heir (x int constraint own_x not null) inherits (n18.not_nulls);
create table n18.strict (d int constraint strict_d not null) inherits (n18.not_nulls);
create table n18.local (constraint local_e not null e) inherits (n18.not_nulls);

create table n18.parted (id int constraint id_nn not null, v int not null) partition by list (id);
create table n18.parted_1 (v int constraint other_name not null, id int not null);
alter table n18.parted attach partition n18.parted_1 for values in (1);
create table n18.parted_2 partition of n18.parted for values in (2);

create table n18.virtual (a int, v int generated always as (a * 2) virtual, w text generated always as (a::text || 'x') stored);
create table n18.virtual_heir (a int default 3) inherits (n18.virtual);
create index on n18.virtual (a);

create table n18.not_enforced (a int, constraint ignored check (a > 0) not enforced, constraint b check (a < 100));
create table n18.refs (id int primary key);
create table n18.referring (r int references n18.refs not enforced, s int);
alter table n18.referring add constraint late foreign key (s) references n18.refs not valid;
create table n18.refs_parted (id int, r int) partition by list (id);
create table n18.refs_parted_1 partition of n18.refs_parted for values in (1);
alter table n18.refs_parted add constraint late foreign key (r) references n18.refs not valid;

create extension btree_gist;
create table n18.temporal (id int, valid tsrange, constraint pk primary key (id, valid without overlaps));
create table n18.temporal_u (id int, valid daterange, other text, unique (id, valid without overlaps) include (other));
create table n18.temporal_fk (id int, valid tsrange, t int, constraint fk foreign key (t, period valid) references n18.temporal (id, period valid));

create publication generated for table n18.virtual (a, w) with (publish_generated_columns = stored);
alter default privileges grant select on large objects to public;
create collation n18.unicode (provider = builtin, locale = 'PG_UNICODE_FAST');
create view n18.casefolded as select casefold('X' collate n18.unicode) as f, uuidv7() is not null as u;

create function n18.returning() returns setof n18.refs language sql
begin atomic
  insert into n18.refs values (1) returning with (old as o, new as n) n.id;
end;
