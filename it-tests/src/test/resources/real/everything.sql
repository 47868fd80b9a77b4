-- A database as people have them: what is hard to copy, with rows in all of it.
create extension citext;
create extension hstore;
create schema shop;

create type shop.mood as enum ('sad', 'ok', 'it''s "fine"');
alter type shop.mood add value 'happy' before 'ok';

create domain shop.email as citext check (value ~ '@');
create domain shop.percent as numeric(5, 2) not null default 0 check (value between 0 and 100);
create type shop.address as (street text, "zip code" varchar(10), tags text[], mood shop.mood);
create type shop.span as range (subtype = float8, subtype_diff = float8mi);
create sequence shop.tickets as smallint increment by -3 minvalue -1000 maxvalue 500 start 100 cycle;

-- Identity and generated columns, arrays, composites, enums, domains, ranges.
create table shop.customers (
    id bigint generated always as identity (start with 1000 increment by 5) primary key,
    email shop.email unique,
    nick citext,
    mood shop.mood default 'ok',
    home shop.address,
    others shop.address[],
    attributes hstore,
    discount shop.percent,
    stay tstzrange,
    nights int4multirange,
    measured shop.span,
    matrix int[][],
    moods shop.mood[],
    document jsonb,
    picture bytea,
    amounts numeric[],
    ip inet,
    id_text text generated always as ('c' || id::text) stored,
    exclude using gist (stay with &&)
);
insert into shop.customers (email, nick, mood, home, others, attributes, discount, stay, nights, measured, matrix, moods, document,
    picture, amounts, ip)
select 'User' || i || '@Example.org', case when i % 7 = 0 then null else 'Nick ' || i end,
    (enum_range(null::shop.mood))[1 + i % 4],
    row('Street "' || i || '", \', 'Z' || i, array['a,b', null, '{}', ''], 'sad')::shop.address,
    array[row(null, null, null, null)::shop.address, row('x', 'y', '{}', 'it''s "fine"')::shop.address],
    hstore(array['a', 'key ' || i, 'null'], array[i::text, '"=>"', null]),
    i % 100, tstzrange(timestamptz '2020-01-01' + i * interval '1 day', timestamptz '2020-01-01' + (i + 1) * interval '1 day'),
    int4multirange(int4range(i, i + 2), int4range(i + 5, null)),
    case when i % 3 = 0 then 'empty'::shop.span else shop.span(i / 7.0, 'infinity') end,
    array[[i, null], [-1, 2147483647]], array['happy', null]::shop.mood[],
    jsonb_build_object('n', i, 'ü', E'tab\tnewline\n', 'deep', jsonb_build_array(null, 1e300::numeric)),
    decode(md5(i::text), 'hex'), array[i / 3.0, 'NaN', 'Infinity', '-Infinity'], ('10.0.' || i % 250 || '.1/24')::inet
from generate_series(1, 3000) i;
insert into shop.customers (discount) values (default);
delete from shop.customers where id % 3 = 0;

-- A column that went, one that came with a default for all rows, and one whose type changed.
alter table shop.customers add column score float8 not null default 1.5;
alter table shop.customers drop column ip;
alter table shop.customers alter column nick set statistics 500;
create index on shop.customers (lower(nick::text)) where mood <> 'sad';
create index on shop.customers using gin (attributes);
create index on shop.customers using gin (document jsonb_path_ops);
create statistics shop.together (dependencies, mcv) on mood, discount from shop.customers;

-- Partitions in partitions, by all three methods, with a default one and one that was attached.
create table shop.events (
    at timestamptz not null, kind int not null, customer bigint references shop.customers, body text, primary key (at, kind)
) partition by range (at);
create table shop.events_2024 partition of shop.events for values from ('2024-01-01+00') to ('2025-01-01+00') partition by list (kind);
create table shop.events_2024_a partition of shop.events_2024 for values in (0, 1);
create table shop.events_2024_b partition of shop.events_2024 for values in (2) partition by hash (at);
create table shop.events_2024_b0 partition of shop.events_2024_b for values with (modulus 2, remainder 0);
create table shop.events_2024_b1 partition of shop.events_2024_b for values with (modulus 2, remainder 1) with (fillfactor = 70);
create table shop.events_rest partition of shop.events default;
create table shop.events_old (body text, kind int not null, customer bigint, at timestamptz not null);
alter table shop.events attach partition shop.events_old for values from (minvalue) to ('2024-01-01+00');
create index on shop.events (customer);
insert into shop.events
select timestamptz '2023-06-01+00' + i * interval '3 hours', i % 3, case when i % 5 = 0 then 1000 + 5 * 7 * 3 end, repeat('b', i % 40)
from generate_series(1, 6000) i;

-- Foreign keys in a circle, one of them to itself, checked at the end only.
create table shop.departments (id int primary key, name text not null, head int);
create table shop.employees (
    id int primary key, department int not null references shop.departments deferrable initially deferred,
    boss int references shop.employees, mentor int
);
alter table shop.departments add foreign key (head) references shop.employees deferrable initially deferred;
alter table shop.employees add constraint mentors foreign key (mentor) references shop.employees on delete set null not valid;
begin;
insert into shop.departments select i, 'department ' || i, i * 10 from generate_series(1, 20) i;
insert into shop.employees select i, (i + 9) / 10, nullif(i / 2, 0), null from generate_series(1, 200) i;
commit;

-- Views on views, a recursive one, materialized ones on views, a rule, and a function that a view needs.
create function shop.rank(m shop.mood) returns int language sql immutable as $$ select array_position(enum_range(null::shop.mood), m) $$;
create view shop.good as select id, nick, shop.rank(mood) as rank from shop.customers where mood >= 'ok' with check option;
create view shop.better as select g.id, g.nick, count(e.kind) as events from shop.good g left join shop.events e on e.customer = g.id
    group by g.id, g.nick;
create view shop.best with (security_barrier) as select * from shop.better where events > (select avg(events) from shop.better);
create recursive view shop.chain (id, depth) as
    select id, 0 from shop.employees where boss is null union all select e.id, c.depth + 1 from shop.employees e join chain c on e.boss = c.id;
create materialized view shop.summary as select depth, count(*) as n from shop.chain group by depth;
create unique index on shop.summary (depth);
create materialized view shop.summary_of_summary as select sum(n) as n from shop.summary;
create materialized view shop.never_filled as select * from shop.best with no data;
create rule no_deletion as on delete to shop.departments where old.id = 1 do instead nothing;

-- Inheritance, a table without columns, one without rows, an unlogged one, and names nobody should use.
create table shop.base (a int, b text);
create table shop.derived (c int) inherits (shop.base);
insert into shop.base values (1, 'base');
insert into shop.derived values (2, 'derived', 3);
create table shop.no_columns ();
insert into shop.no_columns default values;
insert into shop.no_columns default values;
create table shop.no_rows (a int);
create unlogged table shop.unlogged as select i as a from generate_series(1, 100) i;
create schema "Hostile ""schema""; --";
create table "Hostile ""schema""; --"."table 'with' \ all" ("select" int default nextval('shop.tickets'), "a""b" serial, "ü" text);
insert into "Hostile ""schema""; --"."table 'with' \ all" ("ü") select null from generate_series(1, 50);

-- A trigger that would change rows if it fired while they are loaded, row security, comments and grants.
create function shop.stamp() returns trigger language plpgsql as $$ begin new.name := new.name || '!'; return new; end $$;
create trigger stamp before insert or update on shop.departments for each row execute function shop.stamp();
alter table shop.employees enable row level security;
alter table shop.employees force row level security;
create policy none on shop.employees using (false);
grant usage on schema shop to public;
grant select, insert on shop.customers to public;
grant update (nick) on shop.customers to public;
comment on column shop.customers.home is 'where they ''live''';
alter default privileges in schema shop grant select on tables to public;
select setval('shop.tickets', 7, false);
select lo_create(4711);
select lo_put(4711, 0, decode(repeat('00ff', 5000), 'hex'));
