-- Types of every kind, and the loops they stand in.
create schema kinds;
comment on schema kinds is 'types ''with'' "quotes"';

create type kinds.mood as enum ('sad', 'ok', 'it''s "fine"', E'new\nline', '');
alter type kinds.mood add value 'happy' after 'ok';
comment on type kinds.mood is 'an enum';
create type kinds.none as enum ();

create type kinds.point3 as (x float8, y float8, "z z" float8, label text collate "C");
comment on type kinds.point3 is 'a composite';
comment on column kinds.point3."z z" is 'an attribute';
alter type kinds.point3 add attribute gone int;
alter type kinds.point3 drop attribute gone;
create type kinds.nested as (p kinds.point3, ps kinds.point3[], m kinds.mood);
create type kinds.empty as ();

create domain kinds.positive as int not null default 1 check (value > 0);
comment on domain kinds.positive is 'a domain';
comment on constraint positive_check on domain kinds.positive is 'its check';
create domain kinds.later as text collate "C" constraint long_enough check (length(value) > 2);
alter domain kinds.later add constraint not_yet check (value <> 'never') not valid;
comment on constraint not_yet on domain kinds.later is 'not valid';
create domain kinds.positives as kinds.positive[] check (array_length(value, 1) < 10);
create domain kinds.of_domain as kinds.later default 'some text';
create domain kinds.of_composite as kinds.point3 check ((value).x is not null);

create type kinds.span as range (subtype = float8, subtype_diff = float8mi, multirange_type_name = kinds.spans);
create type kinds.textspan as range (subtype = text, collation = "C", subtype_opclass = text_pattern_ops);
create type kinds.default_name_range as range (subtype = kinds.mood);

-- A range whose canonicalizing function takes the range itself.
create type kinds.days;
create function kinds.days_canonical(kinds.days) returns kinds.days language internal immutable strict as 'int4range_canonical';
create type kinds.days as range (subtype = int4, canonical = kinds.days_canonical, subtype_diff = int4range_subdiff);

-- A base type: its functions need it and it needs them.
create type kinds.number;
create function kinds.number_in(cstring) returns kinds.number language internal immutable strict as 'int4in';
create function kinds.number_out(kinds.number) returns cstring language internal immutable strict as 'int4out';
create function kinds.number_recv(internal) returns kinds.number language internal immutable strict as 'int4recv';
create function kinds.number_send(kinds.number) returns bytea language internal immutable strict as 'int4send';
create type kinds.number (
    input = kinds.number_in, output = kinds.number_out, receive = kinds.number_recv, send = kinds.number_send,
    internallength = 4, passedbyvalue, alignment = int4, storage = plain, category = 'x', preferred = true, delimiter = ';',
    default = '42');
comment on type kinds.number is 'a base type';

create type kinds.varying;
create function kinds.varying_in(cstring, oid, int4) returns kinds.varying language internal stable strict as 'varcharin';
create function kinds.varying_out(kinds.varying) returns cstring language internal stable strict as 'varcharout';
create function kinds.varying_typmod_in(cstring[]) returns int4 language internal immutable strict as 'varchartypmodin';
create function kinds.varying_typmod_out(int4) returns cstring language internal immutable strict as 'varchartypmodout';
create type kinds.varying (
    input = kinds.varying_in, output = kinds.varying_out, typmod_in = kinds.varying_typmod_in,
    typmod_out = kinds.varying_typmod_out, internallength = variable, storage = extended, collatable = true, like = text);

create type kinds.shell_only;

create table kinds.everything (
    a kinds.mood[] default '{sad,ok}', b kinds.nested, c kinds.positive, d kinds.positives, e kinds.span, f kinds.spans,
    g kinds.textspan, h kinds.number default '7', i kinds.varying(12), j kinds.days, k kinds.of_domain, l kinds.of_composite);
create table kinds.rows_of (one kinds.everything, many kinds.everything[]);
create function kinds.of_row(kinds.everything) returns setof kinds.rows_of language sql as 'select null::kinds.everything, null::kinds.everything[]';
