# What the simple protocol answers to texts of one and of many statements, to errors in the middle of them, and to blocks.
SELECT 1 AS one, 'zwei' AS two, NULL::numeric AS three

SELECT 1; SELECT 2; SELECT 3

SELECT 1; SELECT 1/0; SELECT 3

;

-- only a comment

CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t VALUES (1, 'a'), (2, 'b'); SELECT * FROM t ORDER BY a

INSERT INTO t VALUES (3, 'c'); INSERT INTO t VALUES (3, 'again'); INSERT INTO t VALUES (4, 'd')

SELECT count(*) FROM t

BEGIN; INSERT INTO t VALUES (5, 'e'); SELECT 1/0

SELECT 1

ROLLBACK

BEGIN; SAVEPOINT s; INSERT INTO t VALUES (6, 'f'); ROLLBACK TO s; COMMIT; SELECT count(*) FROM t

SELEKT 1

SELECT nosuch FROM t

SELECT * FROM
  nosuch

SELECT 'backup; restore; show jobs' AS "show jobs"

SELECT $$backup database x into 'y';$$ AS quoted, E'\'; backup; \'' AS escaped

/* backup /* nested */ ; */ SELECT 1; -- show jobs;
SELECT 2

DO $body$ BEGIN RAISE NOTICE 'a notice; of % words', 4; END $body$

PREPARE backup AS SELECT 1

EXECUTE backup

SHOW search_path; SHOW ALL TABLES

SET cluster_name_is = 1

SET holdfast.progress = on; SHOW holdfast.progress; RESET holdfast.progress

CREATE RULE r AS ON DELETE TO t DO ALSO (SELECT 1; SELECT 2)

DELETE FROM t WHERE a = 1

VACUUM t; SELECT 1

CREATE TABLE backup (jobs int); SELECT jobs FROM backup; DROP TABLE backup

COPY t TO STDOUT

COPY (SELECT 1; SELECT 2) TO STDOUT

COPY nosuch TO STDOUT

LISTEN channel; NOTIFY channel, 'payload'; SELECT 1

DECLARE c CURSOR FOR SELECT 1

BEGIN; DECLARE c CURSOR FOR SELECT generate_series(1, 5); FETCH 2 FROM c; FETCH 2 FROM c; CLOSE c; COMMIT

SET client_encoding = 'LATIN1'; SELECT chr(228) AS umlaut; SET client_encoding = 'UTF8'

SET standard_conforming_strings = off

SELECT 'a\'; show jobs; \'' AS text; SELECT 2

SET standard_conforming_strings = on

SELECT md5(l), length(l) FROM (SELECT repeat('x', 200000) AS l) t

SELECT repeat('x', 100000) AS long, i FROM generate_series(1, 3) i
