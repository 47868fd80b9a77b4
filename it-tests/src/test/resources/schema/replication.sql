create schema rep;
create schema "Rep 2";
create role rep_owner;

create table rep.a (id int primary key, b text, c int);
create table rep.b (id int primary key);
create table "Rep 2".c (id int primary key, "odd column" int);
create table rep.parted (id int primary key, v int) partition by range (id);
create table rep.parted_1 partition of rep.parted for values from (0) to (10);
create publication everything for all tables with (publish = 'insert, truncate');
create publication nothing with (publish = '');
create publication filtered for table rep.a (id, b) where (b <> 'x' and id > 5), only rep.b;
create publication rooted for table rep.parted with (publish_via_partition_root);
create publication schemas for tables in schema rep, "Rep 2";
create publication mixed for tables in schema rep, table "Rep 2".c;
alter publication filtered owner to postgres;
comment on publication filtered is 'a publication';
create subscription sub connection 'host=127.0.0.1 dbname=nowhere password=''p''' publication one, "Two 2" with (connect = false, slot_name = none);
create subscription tuned connection 'dbname=nowhere' publication one with (connect = false, slot_name = 'my_slot', binary, streaming = on,
    synchronous_commit = 'remote_apply', two_phase, disable_on_error);
comment on subscription sub is 'a subscription';
