create schema ts;

create text search parser ts.prs (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, headline = prsd_headline, lextypes = prsd_lextype);
create text search parser ts.bare (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
comment on text search parser ts.prs is 'a parser';
create text search template ts.tmpl (init = dsimple_init, lexize = dsimple_lexize);
create text search template ts.no_init (lexize = dsimple_lexize);
comment on text search template ts.tmpl is 'a template';
create text search dictionary ts.dict (template = ts.tmpl, accept = false);
create text search dictionary ts.stems (template = snowball, language = 'english', stopwords = 'english');
create text search dictionary ts."Odd name" (template = pg_catalog.simple);
comment on text search dictionary ts.dict is 'a dictionary';
create text search configuration ts.cfg (parser = ts.prs);
alter text search configuration ts.cfg add mapping for asciiword, word with ts.dict, ts."Odd name", pg_catalog.simple;
alter text search configuration ts.cfg add mapping for email with ts.stems;
create text search configuration ts.copied (copy = pg_catalog.english);
alter text search configuration ts.copied drop mapping for hword;
comment on text search configuration ts.cfg is 'a configuration';
create table ts.docs (body text, tsv tsvector generated always as (to_tsvector('ts.cfg', body)) stored);
create index on ts.docs using gin (to_tsvector('ts.copied'::regconfig, body));

create collation ts.c_like (lc_collate = 'C', lc_ctype = 'C.UTF-8');
create collation ts.posix from "POSIX";
create collation ts.german (provider = icu, locale = 'de-u-co-phonebk');
create collation ts.insensitive (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
comment on collation ts.german is 'a collation';
create table ts.collated (a text collate ts.german, b text collate ts.insensitive unique);
create view ts.sorted as select a, b collate "C" as c from ts.collated order by a collate ts.posix;
