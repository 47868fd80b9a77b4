-- Names that break what quotes carelessly: quotes, dots, line ends, keywords, comments, other scripts, 63 bytes.
create role "rôle; drop";

create schema "a.b"; create schema "select"; create schema "it's ""quoted"""; create schema "Ünïcödé 表 🐘";
create schema "
new line";

create table "a.b"."c.d" ("e.f" int primary key, "g h" text default 'i.j', "select" int, "from" int check ("from" > 0), " " int);
comment on column "a.b"."c.d"."e.f" is $$'";--$$;
create index "idx.1" on "a.b"."c.d" ("g h", ("select" + 1));
alter table "a.b"."c.d" cluster on "idx.1", replica identity using index "c.d_pkey";
create table "select"."table" ("order" serial, "group" "char", "/* x" int, "-- y" int, "$$" text, "\\" text, "%s ? :a {fn}" text,
    unique ("order", "-- y"));
create table "it's ""quoted"""."t""t" ("c'c" int not null, "d""d" text[] default '{"a\\\\b"}', constraint "k;k" unique ("c'c"));
create type "it's ""quoted"""."e'""" as enum ('"', '''', '\\', '?', '{d');
create table "Ünïcödé 表 🐘"."таблица" ("ключ" int primary key, "значение" "it's ""quoted"""."e'""" default '"');
create view "Ünïcödé 表 🐘"."v;--" as select "ключ" as "select", "значение" as "a.b" from "Ünïcödé 表 🐘"."таблица" "as";
create table "
new line"."ta
ble" ("co
l" int check ("co
l" > 0), "tab	" int references "a.b"."c.d");
comment on table "
new line"."ta
ble" is 'line
end';
create function "select"."f()"("a b" int, "," text default ',') returns "it's ""quoted"""."t""t" language sql as $f$ select null::"it's ""quoted"""."t""t" $f$;
create function "select"."; drop table x"() returns trigger language plpgsql as $f$ begin return new; end $f$;
create trigger "tr;ig" before insert on "a.b"."c.d" for each row execute function "select"."; drop table x"('"', '''', '?');
create rule "ru.le" as on delete to "a.b"."c.d" do nothing;
create policy "po'l" on "a.b"."c.d" to "rôle; drop" using ("from" > 0);
alter table "select"."table" owner to "rôle; drop";
grant select ("order", "-- y") on "select"."table" to "rôle; drop";
create sequence "a.b"."se.q" owned by "a.b"."c.d"."select";
alter table "a.b"."c.d" alter "select" set default nextval('"a.b"."se.q"');
create table "a.b".abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk (abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk int not null unique);
create table "a.b"."CamelCase" (like "a.b"."c.d" including all);
create table "a.b"."user" ("user" text default current_user, "current_date" date default current_date, "end" int, "null" text,
    "true" bool default true, "system_user" int, "json_table" int);
create view "a.b"."words" as select "system_user", u."json_table" as "merge_action" from "a.b"."user" u;
