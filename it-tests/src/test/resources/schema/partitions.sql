create schema part;

create table part.ranged (id int, at date not null, v text default 'x', n int check (n > 0)) partition by range (at, id);
create table part.ranged_1 partition of part.ranged for values from (minvalue, minvalue) to ('2020-01-01', 0);
create table part.ranged_2 partition of part.ranged (v default 'y', constraint own check (id <> 5)) for values from ('2020-01-01', 0) to ('2021-01-01', maxvalue);
create table part.ranged_rest partition of part.ranged default;
comment on table part.ranged is 'partitioned';
comment on column part.ranged_1.at is 'of a partition';

create table part.listed (k text collate "C", v int) partition by list (lower(k));
create table part.listed_ab partition of part.listed for values in ('a', 'b', null);
create table part.listed_sub partition of part.listed for values in ('c') partition by hash (v);
create table part.listed_sub_0 partition of part.listed_sub for values with (modulus 2, remainder 0);
create table part.listed_sub_1 partition of part.listed_sub for values with (modulus 2, remainder 1) with (fillfactor = 40);

-- Attached with its columns in another order, and with a dropped one.
create table part.other_order (n int check (n > 0), gone int, v text, at date not null, id int);
alter table part.other_order drop gone;
alter table part.other_order add constraint ranged_n_check check (n > 0);
alter table part.ranged attach partition part.other_order for values from ('2021-01-01', maxvalue) to ('2022-01-01', 0);

alter table part.ranged add primary key (at, id);
create unique index uq on part.ranged (id, at desc);
create index on part.ranged (v) where v <> '';
create index only_parent on only part.listed (v);
create index part_done on part.listed_ab (v); alter index part.only_parent attach partition part.part_done;
create index on part.listed_sub_0 (k);
alter table part.ranged replica identity full;
create statistics part.stats on id, n from part.ranged;
alter index part.ranged_v_idx rename to renamed;

create table part.refers (id int primary key, d date, i int, foreign key (d, i) references part.ranged (at, id));
create table part.target (id int primary key) partition by hash (id);
create table part.target_0 partition of part.target for values with (modulus 2, remainder 0);
create table part.target_1 partition of part.target for values with (modulus 2, remainder 1);
create table part.pointing (a int, t int references part.target on delete cascade) partition by list (a);
create table part.pointing_1 partition of part.pointing for values in (1);
create table part.pointing_2 (a int, t int); alter table part.pointing attach partition part.pointing_2 for values in (2);
alter table part.pointing add constraint late foreign key (a) references part.refers;

create function part.trg() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger row_trigger after insert on part.ranged for each row execute function part.trg();
create trigger stmt_trigger before update on part.ranged for each statement execute function part.trg();
alter table part.ranged_1 disable trigger row_trigger;
alter table part.ranged_2 enable replica trigger row_trigger;
alter table part.ranged enable always trigger stmt_trigger;
create trigger only_here before insert on part.ranged_2 for each row when (new.id > 5) execute function part.trg();
