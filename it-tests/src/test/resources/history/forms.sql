-- How definitions change. One statement on each line; ":s" stands for the schema that is first on the search path.
-- form NAME [alone] [calm] [since VERSION]: "alone" where a statement cannot be in a transaction, or its outcome cannot be used
-- there; "calm" where the rows from before can be worked out from those after.
-- What follows is done once; then "before", some work; "define", the change; "after", work with what has become of it.

-- form add a column
create table add_column (id int primary key, v text)
insert into add_column select g, 'v' || g from generate_series(1, 6) g
-- before
update add_column set v = 'b' where id = 1
delete from add_column where id = 2
-- define
alter table add_column add w int
-- after
update add_column set w = id where id in (1, 3)
insert into add_column values (7, 'n', 1)
delete from add_column where id = 4

-- form add columns with defaults
create table add_default (id int primary key, v text)
create table add_volatile (id int primary key, v text)
insert into add_default select g, 'v' || g from generate_series(1, 6) g
insert into add_volatile select g, 'v' || g from generate_series(1, 6) g
-- before
update add_default set v = 'b' where id = 1
update add_volatile set v = 'b' where id = 1
-- define
alter table add_default add w int default 7
alter table add_volatile add w float8 default random()
-- after
update add_default set v = 'a', w = default where id in (1, 2)
delete from add_default where id = 3
update add_volatile set v = 'a' where id in (1, 2)
delete from add_volatile where id = 3

-- form drop columns
create table drop_column (a int, b text, c int)
create table drop_and_add (a int, b text, c int)
create table drop_last (a int)
insert into drop_column select g, 'b' || g, g from generate_series(1, 6) g
insert into drop_and_add select g, 'b' || g, g from generate_series(1, 6) g
insert into drop_last values (1), (2), (2)
-- before
update drop_column set b = 'x' where a = 1
update drop_and_add set b = 'x' where a = 1
delete from drop_last where a = 1
-- define
alter table drop_column drop b
alter table drop_and_add drop b
alter table drop_and_add add b text
alter table drop_last drop a
-- after
update drop_column set c = 0 where a = 2
insert into drop_column values (7, 7)
update drop_and_add set b = 'y' where a = 2
delete from drop_and_add where a = 3
insert into drop_last default values

-- form a table without columns gets one
create table no_columns ()
insert into no_columns select from generate_series(1, 3)
-- before
insert into no_columns default values
delete from no_columns where ctid = '(0,1)'
-- define
alter table no_columns add a int default 1
-- after
insert into no_columns values (2)
update no_columns set a = 3 where ctid = '(0,2)'

-- form change types of columns
create table to_bigint (id int primary key, v text)
create table to_varchar (id int primary key, v text)
create table longer (id int primary key, v varchar(5), n numeric(8, 2))
create table using_expression (id int primary key, v text)
insert into to_bigint select g, 'v' || g from generate_series(1, 6) g
insert into to_varchar select g, 'v' || g from generate_series(1, 6) g
insert into longer select g, 'v' || g, g from generate_series(1, 6) g
insert into using_expression select g, g from generate_series(1, 6) g
-- before
update to_bigint set v = 'b' where id = 1
update to_varchar set v = 'b' where id = 1
update longer set v = 'b' where id = 1
update using_expression set v = '77' where id = 1
-- define
alter table to_bigint alter id type bigint
alter table to_varchar alter v type varchar
alter table longer alter v type varchar(50), alter n type numeric(9, 3)
alter table using_expression alter v type int using v::int * 2
-- after
update to_bigint set id = id + 5000000000 where id = 2
update to_varchar set v = 'a' where id = 2
update longer set v = 'longer than before', n = 1.125 where id = 2
delete from using_expression where v = 4

-- form rename columns
create table rename_column (id int primary key, v text)
create table swap_columns (a text, b text)
insert into rename_column select g, 'v' || g from generate_series(1, 6) g
insert into swap_columns select 'a' || g, 'b' || g from generate_series(1, 6) g
-- before
update rename_column set v = 'b' where id = 1
update swap_columns set a = 'x' where b = 'b1'
-- define
alter table rename_column rename v to "V ]:x"
alter table swap_columns rename a to c
alter table swap_columns rename b to a
alter table swap_columns rename c to b
-- after
update rename_column set "V ]:x" = 'a' where id = 2
update swap_columns set a = 'y' where b = 'a2'
insert into swap_columns (a, b) values ('A', 'B')

-- form defaults and not null [calm]
create table defaults (id int primary key, v text default 'old', w text not null default '')
insert into defaults select g, 'v' || g from generate_series(1, 6) g
-- before
insert into defaults (id) values (7)
-- define
alter table defaults alter v set default 'new', alter v set not null, alter w drop not null
-- after
insert into defaults (id, w) values (8, null)
update defaults set v = default where id = 1

-- form constraints [calm]
create table parent (id int primary key)
create table constrained (id int, p int, v int)
create table unconstrained (id int primary key, v int unique, constraint positive check (v > 0))
insert into parent select generate_series(1, 3)
insert into constrained select g, g % 3 + 1, g from generate_series(1, 6) g
insert into unconstrained select g, g from generate_series(1, 6) g
-- before
update constrained set v = 70 where id = 1
update unconstrained set v = 70 where id = 1
-- define
alter table constrained add primary key (id)
alter table constrained add constraint small check (v < 100)
alter table constrained add constraint of_parent foreign key (p) references parent not valid
alter table constrained validate constraint of_parent
alter table constrained add constraint distinct_values unique (v) deferrable initially deferred
alter table unconstrained drop constraint unconstrained_pkey, drop constraint positive
alter table unconstrained rename constraint unconstrained_v_key to only_once
-- after
update constrained set v = v + 1
insert into unconstrained values (1, -1)
delete from unconstrained where id = 3

-- form generated columns
create table generate_more (id int primary key, v int)
create table generate_less (id int primary key, v int, w int generated always as (v * 2) stored)
insert into generate_more select g, g from generate_series(1, 6) g
insert into generate_less (id, v) select g, g from generate_series(1, 6) g
-- before
update generate_more set v = 70 where id = 1
update generate_less set v = 70 where id = 1
-- define
alter table generate_more add w int generated always as (v * 2) stored
alter table generate_less alter w drop expression
-- after
update generate_more set v = 71 where id = 2
delete from generate_more where id = 3
update generate_less set w = 1 where id = 2
delete from generate_less where id = 3

-- form expressions of generated columns [since 17]
create table generate_otherwise (id int primary key, v int, w int generated always as (v * 2) stored)
insert into generate_otherwise (id, v) select g, g from generate_series(1, 6) g
-- before
update generate_otherwise set v = 70 where id = 1
-- define
alter table generate_otherwise alter w set expression as (v * 3)
-- after
update generate_otherwise set v = 71 where id = 2
delete from generate_otherwise where id = 3

-- form virtual columns [since 18]
create table virtual_more (id int primary key, v int)
create table virtual_less (v int, w int generated always as (v * 2) virtual, x int)
insert into virtual_more select g, g from generate_series(1, 6) g
insert into virtual_less (v, x) select g, g from generate_series(1, 6) g
-- before
update virtual_more set v = 70 where id = 1
update virtual_less set v = 70 where x = 1
-- define
alter table virtual_more add w int generated always as (v * 2) virtual
alter table virtual_less drop w
-- after
update virtual_more set v = 71 where id = 2
delete from virtual_more where id = 3
update virtual_less set x = 1 where v = 2
delete from virtual_less where v = 3

-- form truncate
create table truncated (id int generated always as identity primary key, v text)
create table truncated_too (id int references truncated, v text)
create table emptied (v text)
insert into truncated (v) select 'v' || g from generate_series(1, 6) g
insert into truncated_too select g, 'v' || g from generate_series(1, 6) g
insert into emptied values ('a'), ('a'), ('b')
-- before
update truncated set v = 'b' where id = 1
delete from truncated_too where id = 2
insert into emptied values ('c')
-- define
truncate truncated restart identity cascade
truncate emptied
-- after
insert into truncated (v) values ('x'), ('y')
update truncated set v = 'z' where id = 1
insert into emptied values ('a')

-- form drop and create again
create table again (id int primary key, v text)
create table gone (id int primary key, v text)
insert into again select g, 'v' || g from generate_series(1, 6) g
insert into gone select g, 'v' || g from generate_series(1, 6) g
-- before
update again set v = 'b' where id = 1
delete from gone where id = 3
-- define
drop table again
create table again (id int primary key, v text)
drop table gone
-- after
insert into again select g, 'w' || g from generate_series(3, 5) g
update again set v = 'a' where id = 4

-- form new tables [calm]
create table pattern (id int primary key, v text)
insert into pattern select g, 'v' || g from generate_series(1, 6) g
-- before
update pattern set v = 'b' where id = 1
-- define
create table fresh (id int primary key, v text)
insert into fresh select g, 'f' || g from generate_series(1, 4) g
update fresh set v = 'u' where id = 1
create table copied as select * from pattern
select * into chosen from pattern where id < 5
create table alike (like pattern including all)
-- after
delete from fresh where id = 2
update copied set v = 'c' where id = 2
delete from copied where id = 3
delete from chosen where id = 3
insert into alike select * from pattern

-- form partitions
create table parts (id int, v text) partition by range (id)
create table parts_1 partition of parts for values from (0) to (10)
create table parts_2 partition of parts for values from (10) to (20)
create table parts_3 (v text, id int not null, dropped int)
alter table parts_3 drop dropped
create table parts_rest partition of parts default
insert into parts select g, 'v' || g from generate_series(1, 18, 2) g
insert into parts_3 values ('v', 21), ('w', 22)
insert into parts values (50, 'rest')
-- before
update parts set id = id + 11 where id < 4
delete from parts_3 where id = 21
-- define
alter table parts attach partition parts_3 for values from (20) to (30)
alter table parts detach partition parts_1
create table parts_4 partition of parts for values from (30) to (40)
alter table parts add w int default 3
alter table parts add primary key (id)
-- after
update parts set id = id + 10 where id in (17, 22)
update parts_1 set v = 'alone' where id = 5
insert into parts values (33, 'n')
delete from parts where id = 50

-- form a new root over tables [calm]
create table leaf_1 (id int primary key, v text)
create table leaf_2 (id int primary key, v text)
insert into leaf_1 values (1, 'a'), (2, 'b')
insert into leaf_2 values (11, 'a'), (12, 'b')
-- before
update leaf_1 set v = 'b' where id = 1
-- define
create table root (id int primary key, v text) partition by range (id)
alter table root attach partition leaf_1 for values from (0) to (10)
alter table root attach partition leaf_2 for values from (10) to (20)
-- after
update root set id = id + 12, v = 'moved' where id = 1
update root set v = 'r' where id in (2, 11)
insert into root values (14, 'n')

-- form detach a partition concurrently [alone calm]
create table online (id int, v text) partition by range (id)
create table online_1 partition of online for values from (0) to (10)
create table online_2 partition of online for values from (10) to (20)
insert into online select g, 'v' || g from generate_series(1, 18) g
-- before
update online set v = 'b' where id in (1, 11)
-- define
alter table online detach partition online_1 concurrently
-- after
update online set v = 'c' where id in (2, 12)
update online_1 set v = 'd' where id = 3

-- form new values of enums [alone]
create type mood as enum ('sad', 'glad')
create table moods (id int primary key, m mood, n mood[])
insert into moods values (1, 'sad', '{sad}'), (2, 'glad', '{}'), (3, 'sad', null)
-- before
update moods set m = 'glad' where id = 1
-- define
alter type mood add value 'so-so' before 'glad'
-- after
update moods set m = 'so-so', n = '{so-so,sad}' where id = 2
delete from moods where id = 3

-- form rename values of enums
create type tone as enum ('low', 'high')
create type pitch as (t tone, n int)
create type chord as (p pitch, m text)
create domain key_tone as tone
create table tones (id int primary key, t tone)
create table tone_lists (id int primary key, t tone[])
create table key_tones (id int primary key, t key_tone)
create table pitches (id int primary key, p pitch)
create table chords (id int primary key, c chord)
create table rows_of_tones (id int primary key, r tones)
insert into tones values (1, 'low'), (2, 'high'), (3, 'low')
insert into tone_lists values (1, '{low}'), (2, '{high,low}'), (3, null)
insert into key_tones values (1, 'low'), (2, 'high'), (3, 'low')
insert into pitches values (1, '(low,1)'), (2, '(high,2)'), (3, '(low,3)')
insert into chords values (1, '("(low,1)",a)'), (2, '("(high,2)",b)'), (3, '("(low,3)",c)')
insert into rows_of_tones values (1, '(1,low)'), (2, '(2,high)'), (3, '(3,low)')
-- before
update tones set t = 'high' where id = 1
update tone_lists set t = '{high}' where id = 1
update key_tones set t = 'high' where id = 1
update pitches set p = '(high,1)' where id = 1
update chords set c = '("(high,1)",a)' where id = 1
update rows_of_tones set r = '(1,high)' where id = 1
-- define
alter type tone rename value 'low' to 'deep'
-- after
update tones set t = 'deep' where id = 2
delete from tones where id = 3
update tone_lists set t = '{deep}' where id = 2
update key_tones set t = 'deep' where id = 2
delete from key_tones where id = 3
update pitches set p = '(deep,2)' where id = 2
delete from pitches where id = 3
update chords set c = '("(deep,2)",b)' where id = 2
delete from chords where id = 3
update rows_of_tones set r = '(2,deep)' where id = 2
delete from rows_of_tones where id = 3

-- form composite types
create type point3 as (x int, y int)
create type segment as (a point3, b point3)
create table points (id int primary key, p point3)
create table segments (id int primary key, s segment)
create table typed of point3
create table row_source (x int, y int)
create table row_user (id int primary key, r row_source)
insert into points values (1, '(1,1)'), (2, '(2,2)'), (3, '(3,3)')
insert into segments values (1, '("(1,1)","(1,2)")'), (2, '("(2,1)","(2,2)")'), (3, null)
insert into typed values (1, 1), (2, 2)
insert into row_source values (1, 1)
insert into row_user values (1, '(1,1)'), (2, '(2,2)'), (3, '(3,3)')
-- before
update points set p = '(1,9)' where id = 1
update segments set s = '("(9,1)","(1,2)")' where id = 1
update typed set y = 9 where x = 1
update row_user set r = '(1,9)' where id = 1
-- define
alter type point3 add attribute z int cascade
alter type point3 rename attribute x to "X" cascade
alter table row_source add z int
-- after
update points set p = '(2,2,2)' where id = 2
delete from points where id = 3
update segments set s = '("(2,1,1)","(2,2,2)")' where id = 2
update typed set z = 5 where y = 2
update row_user set r = '(2,2,2)' where id = 2
delete from row_user where id = 3

-- form domains
create domain amount as numeric(8, 2) check (value >= 0)
create table amounts (id int primary key, a amount)
insert into amounts values (1, 1), (2, 2), (3, 3)
-- before
update amounts set a = 10 where id = 1
-- define
alter domain amount add constraint not_too_much check (value < 1000)
alter domain amount set default 5
-- after
update amounts set a = 20 where id = 2
insert into amounts (id) values (4)

-- form rename types
create type old_type as enum ('a', 'b')
create domain old_domain as text
create table of_types (id int primary key, t old_type, d old_domain)
insert into of_types values (1, 'a', 'x'), (2, 'b', 'y'), (3, 'a', 'z')
-- before
update of_types set t = 'b' where id = 1
-- define
alter type old_type rename to "New Type"
alter domain old_domain rename to new_domain
-- after
update of_types set t = 'a' where id = 2
delete from of_types where id = 3

-- form drop a type with the columns of it
create type doomed as enum ('a', 'b')
create table with_doomed (id int, d doomed, v text)
insert into with_doomed values (1, 'a', 'x'), (2, 'b', 'y'), (3, 'a', 'z')
-- before
update with_doomed set v = 'b' where id = 1
-- define
drop type doomed cascade
-- after
update with_doomed set v = 'a' where id = 2
delete from with_doomed where id = 3

-- form drop a function with what needs it
create function doubled(int) returns int language sql immutable as 'select $1 * 2'
create table with_function (id int, v int default doubled(4), w int generated always as (doubled(id)) stored)
create view of_function as select doubled(1) as d
insert into with_function values (1), (2), (3)
-- before
update with_function set v = 9 where id = 1
-- define
drop function doubled cascade
-- after
update with_function set v = 10 where id = 2
delete from with_function where id = 3
insert into with_function (id) values (4)

-- form vacuum full and cluster [alone calm]
create table vacuumed (id int primary key, v text)
create table clustered (id int primary key, v text)
insert into vacuumed select g, 'v' || g from generate_series(1, 50) g
insert into clustered select g, 'v' || g from generate_series(50, 1, -1) g
-- before
delete from vacuumed where id % 3 = 0
update clustered set v = 'b' where id < 9
-- define
vacuum full vacuumed
cluster clustered using clustered_pkey
-- after
update vacuumed set v = 'a' where id = 4
delete from clustered where id = 5

-- form indexes concurrently [alone calm]
create table indexed (id int, v text)
insert into indexed select g, 'v' || g from generate_series(1, 6) g
-- before
update indexed set v = 'b' where id = 1
-- define
create unique index concurrently indexed_id on indexed (id)
reindex index concurrently indexed_id
-- after
update indexed set v = 'a' where id = 2

-- form rename tables [calm]
create table old_name (id int primary key, v text)
create table left_one (id int primary key, v text)
create table right_one (id int primary key, v text)
insert into old_name select g, 'v' || g from generate_series(1, 6) g
insert into left_one select g, 'l' || g from generate_series(1, 6) g
insert into right_one select g, 'r' || g from generate_series(1, 6) g
-- before
update old_name set v = 'b' where id = 1
update left_one set v = 'bl' where id = 1
update right_one set v = 'br' where id = 2
-- define
alter table old_name rename to "New ""name"": [x]"
alter table left_one rename to passing
alter table right_one rename to left_one
alter table passing rename to right_one
-- after
update "New ""name"": [x]" set v = 'a' where id = 2
delete from left_one where id = 3
update right_one set v = 'ar' where id = 4

-- form swap in a new version of a table [calm]
create table current (id int primary key, v text)
insert into current select g, 'v' || g from generate_series(1, 6) g
-- before
update current set v = 'b' where id = 1
-- define
create table next (like current including all)
insert into next select id, upper(v) from current
alter table current rename to previous
alter table next rename to current
-- after
update current set v = 'a' where id = 2
update previous set v = 'p' where id = 3

-- form schemas [calm]
create schema ":s home"
create table moves (id int primary key, v text)
create table ":s home".stays (id int primary key, v text)
create table ":s home".kept (v text)
insert into moves select g, 'v' || g from generate_series(1, 6) g
insert into ":s home".stays select g, 'v' || g from generate_series(1, 6) g
insert into ":s home".kept values ('a')
-- before
update moves set v = 'b' where id = 1
update ":s home".stays set v = 'b' where id = 1
-- define
alter table moves set schema ":s home"
alter schema ":s home" rename to ":s Away"
-- after
update ":s Away".moves set v = 'a' where id = 2
update ":s Away".stays set v = 'a' where id = 2
delete from ":s Away".stays where id = 3
insert into ":s Away".kept values ('b')

-- form drop a schema with everything
create schema :s_doomed
create table :s_doomed.inside (id int primary key, v text)
create view :s_doomed.seen as select * from :s_doomed.inside
create table refers (id int references :s_doomed.inside)
insert into :s_doomed.inside select g, 'v' || g from generate_series(1, 6) g
insert into refers values (1)
-- before
update :s_doomed.inside set v = 'b' where id = 1
-- define
drop schema :s_doomed cascade
-- after
insert into refers values (100)

-- form drop what a role owns
create role :s_role
create table owned (id int primary key, v text)
alter table owned owner to :s_role
create table granted (id int primary key, v text)
grant select on granted to :s_role
insert into owned values (1, 'a')
insert into granted values (1, 'a')
-- before
update owned set v = 'b'
-- define
drop owned by :s_role cascade
-- after
update granted set v = 'b'

-- form replica identities
create table by_default (id int primary key, v text)
create table by_index (id int not null, v text)
create unique index by_index_id on by_index (id)
create table by_nothing (id int primary key, v text)
insert into by_default select g, 'v' || g from generate_series(1, 6) g
insert into by_index select g, 'v' || g from generate_series(1, 6) g
insert into by_nothing select g, 'v' || g from generate_series(1, 6) g
-- before
update by_default set v = 'b' where id = 1
update by_index set v = 'b' where id = 1
update by_nothing set v = 'b' where id = 1
-- define
alter table by_default replica identity default
alter table by_index replica identity using index by_index_id
alter table by_nothing replica identity nothing
-- after
update by_default set v = 'a' where id = 2
delete from by_default where id = 3
update by_index set v = 'a' where id = 2
delete from by_index where id = 3
update by_nothing set v = 'a' where id = 2
delete from by_nothing where id = 3

-- form logged and unlogged
create table becomes_unlogged (id int primary key, v text)
create unlogged table becomes_logged (id int primary key, v text)
create unlogged table is_unlogged (id int primary key, v text)
create table there_and_back (id int primary key, v text)
insert into becomes_unlogged select g, 'v' || g from generate_series(1, 6) g
insert into becomes_logged select g, 'v' || g from generate_series(1, 6) g
insert into is_unlogged select g, 'v' || g from generate_series(1, 6) g
insert into there_and_back select g, 'v' || g from generate_series(1, 6) g
-- before
update becomes_unlogged set v = 'b' where id = 1
update there_and_back set v = 'b' where id = 1
-- define
alter table becomes_unlogged set unlogged
alter table becomes_logged set logged
alter table there_and_back set unlogged
update there_and_back set v = 'unseen' where id = 2
alter table there_and_back set logged
-- after
update becomes_unlogged set v = 'a' where id = 2
update becomes_logged set v = 'a' where id = 2
delete from becomes_logged where id = 3
update there_and_back set v = 'a' where id = 3

-- form inheritance
create table ancestor (id int, v text)
create table heir (w int) inherits (ancestor)
create table adopted (id int, v text, x int)
insert into ancestor values (1, 'a'), (2, 'b')
insert into heir values (3, 'c', 3), (4, 'd', 4)
insert into adopted values (5, 'e', 5)
-- before
update ancestor set v = 'x' where id in (1, 3)
-- define
alter table ancestor add y int default 2
alter table adopted add y int
alter table adopted inherit ancestor
alter table heir no inherit ancestor
-- after
update ancestor set v = 'y' where id in (2, 5)
update heir set v = 'z' where id = 4

-- form references to objects
create table referred (id int primary key)
create table references_kept (id int primary key, r regclass, l regclass[])
insert into references_kept values (1, 'referred', '{referred}'), (2, 'referred', null), (3, null, '{referred}')
-- before
update references_kept set l = null where id = 1
-- define
alter table referred rename to renamed
-- after
update references_kept set id = 4 where id = 2
delete from references_kept where id = 3

-- form stored elsewhere
create table toasted (id int primary key, big text, v int)
alter table toasted alter big set storage external
insert into toasted select g, repeat('0123456789', 500 + g), g from generate_series(1, 4) g
-- before
update toasted set v = 10 where id = 1
-- define
alter table toasted add w int
-- after
update toasted set w = 5 where id in (1, 2)
delete from toasted where id = 3

-- form views, functions, triggers [calm]
create table base (id int primary key, v text)
create view old_view as select * from base
create materialized view kept_view as select v, count(*) from base group by v
create function noted() returns trigger language plpgsql as 'begin new.v := new.v || ''!''; return new; end'
create trigger old_trigger before insert on base for each row execute function noted()
insert into base select g, 'v' || g from generate_series(1, 6) g
refresh materialized view kept_view
-- before
update base set v = 'b' where id = 1
-- define
drop view old_view
create view new_view with (security_barrier) as select id from base
drop trigger old_trigger on base
create trigger new_trigger before update on base for each row execute function noted()
create function more() returns int language sql as 'select 1'
create rule no_deletes as on delete to base where old.id = 6 do instead nothing
alter table base enable row level security
create policy everybody on base using (id > 0)
comment on table base is 'all your rows'
create index base_v on base (v)
create statistics base_statistics on id, v from base
-- after
update base set v = 'a' where id = 2
delete from base where id in (3, 6)
refresh materialized view kept_view

-- form sequences [calm]
create sequence counter
create table numbered (id int default nextval('counter'), v text)
create table serial_one (id serial, v text)
insert into numbered (v) values ('a'), ('b')
insert into serial_one (v) values ('a'), ('b')
-- before
insert into numbered (v) values ('c')
-- define
alter sequence counter owned by numbered.id
alter table serial_one alter id drop default
drop sequence serial_one_id_seq
alter table serial_one alter id set not null
alter table serial_one alter id add generated by default as identity (start 100)
create sequence another increment 5
-- after
insert into numbered (v) values ('d')
insert into serial_one (v) values ('c')
delete from numbered where v = 'a'

-- form owners and options [calm]
create table optional (id int primary key, v text)
insert into optional select g, 'v' || g from generate_series(1, 6) g
-- before
update optional set v = 'b' where id = 1
-- define
alter table optional set (fillfactor = 50), alter v set storage external, alter v set statistics 50
alter table optional cluster on optional_pkey
grant select on optional to public
-- after
update optional set v = 'a' where id = 2
delete from optional where id = 3

-- form extensions
create extension hstore
create extension cube
create table extended (id int primary key, h hstore, c cube)
insert into extended select g, 'a=>1', '(1,2)' from generate_series(1, 6) g
-- before
update extended set h = 'b=>2' where id = 1
-- define
create extension citext
alter table extended add t citext
drop extension hstore cascade
create schema ":s extensions"
alter extension cube set schema ":s extensions"
-- after
update extended set t = 'T' where id = 2
delete from extended where id = 3
