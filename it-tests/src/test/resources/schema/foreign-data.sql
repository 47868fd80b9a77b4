create role fd_user;

create extension postgres_fdw;
create foreign data wrapper bare;
create foreign data wrapper optioned options (debug 'true', "odd name" 'it''s');
comment on foreign data wrapper bare is 'a wrapper';
create server srv type 'oracle' version '1.0' foreign data wrapper bare options (host 'nowhere', port '5');
create server pg foreign data wrapper postgres_fdw options (host '127.0.0.1', dbname 'x');
create server plain foreign data wrapper optioned;
comment on server srv is 'a server';
create user mapping for public server srv options (password 'none');
create user mapping for fd_user server srv options ("user" 'me', password 'p''w');
create user mapping for current_user server pg;
create schema fd;
create foreign table fd.ft (a int options (column_name 'A', "x y" 'z') not null, b text collate "C" default 'x', c int check (c > 0))
server srv options (schema_name 'S', table_name 't''t');
alter foreign table fd.ft alter a set statistics 12, alter b set (n_distinct = 3);
comment on foreign table fd.ft is 'a foreign table';
comment on column fd.ft.a is 'its column';
create foreign table fd.bare () server plain;
create table fd.parted (a int, b text) partition by list (a);
create foreign table fd.leaf partition of fd.parted for values in (1) server srv options (table_name 'leaf');
create table fd.base (a int);
create foreign table fd.heir (b int) inherits (fd.base) server srv;
create function fd.trg() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger on_foreign before insert on fd.ft for each row execute function fd.trg();
alter foreign table fd.ft disable trigger on_foreign;
create view fd.over as select a from fd.ft;
