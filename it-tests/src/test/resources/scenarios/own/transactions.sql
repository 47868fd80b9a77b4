# Own statements between ordinary ones, inside blocks, and after failures.
CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 10)
----
done CREATE TABLE
done INSERT 0 10
ready I

SELECT 1 AS one; BACKUP DATABASE scenario INTO 'COLLECTION'; SELECT 2 AS two
----
columns [one:23/4/-1/0]
row [1]
done SELECT 1
columns [job_id:20/8/-1/0, status:25/-1/-1/0, fraction_completed:701/8/-1/0, rows:20/8/-1/0, index_entries:20/8/-1/0, bytes:20/8/-1/0]
row [*, succeeded, 1, 10, 0, *]
done BACKUP 1
columns [two:23/4/-1/0]
row [2]
done SELECT 1
ready I

BEGIN; INSERT INTO t VALUES (11)
----
done BEGIN
done INSERT 0 1
ready T

BACKUP DATABASE scenario INTO 'COLLECTION'
----
error XXUUU BACKUP cannot be used inside a multi-statement transaction without DETACHED option
ready E

SELECT 1
----
error 25P02 current transaction is aborted, commands ignored until end of transaction block
ready E

SHOW JOBS
----
error 25P02 current transaction is aborted, commands ignored until end of transaction block
ready E

ROLLBACK
----
done ROLLBACK
ready I

SELECT count(*) FROM t
----
columns [count:20/8/-1/0]
row [10]
done SELECT 1
ready I

RESTORE DATABASE scenario FROM LATEST IN 'COLLECTION' WITH new_db_name = 'scenario_copy'; DROP DATABASE scenario_copy
----
columns [*]
row [*, succeeded, 1, 10, 0, *]
done RESTORE 1
done DROP DATABASE
ready I

BEGIN; RESTORE DATABASE scenario FROM LATEST IN 'COLLECTION' WITH new_db_name = 'other'; SELECT 1
----
done BEGIN
error XXUUU RESTORE cannot be used inside a multi-statement transaction without DETACHED option
ready E

ROLLBACK
----
done ROLLBACK
ready I

# What precedes the failure is committed, what follows it is not executed.
INSERT INTO t VALUES (12); BACKUP DATABASE nosuch INTO 'COLLECTION'; INSERT INTO t VALUES (13)
----
done INSERT 0 1
error 3D000 failed to resolve targets specified in the BACKUP stmt: database "nosuch" does not exist
ready I

SELECT a FROM t WHERE a > 10
----
columns [a:23/4/-1/0]
row [12]
done SELECT 1
ready I

# An error before it: the statement is not executed at all.
SELECT 1/0; BACKUP DATABASE scenario INTO 'COLLECTION/never'
----
error 22012 division by zero
ready I

SHOW BACKUPS IN 'COLLECTION/never'
----
columns [path:25/-1/-1/0]
done SHOW BACKUPS 0
ready I

# A text that cannot be parsed is not executed in part.
INSERT INTO t VALUES (14); BACKUP DATABASE; SELECT 2
----
error 42601 syntax error at end of input at 43
ready I

SELECT count(*) FROM t WHERE a = 14
----
columns [count:20/8/-1/0]
row [0]
done SELECT 1
ready I

# A block inside one text.
BEGIN; INSERT INTO t VALUES (15); SHOW BACKUPS IN 'COLLECTION/never'; COMMIT; SELECT count(*) FROM t WHERE a = 15
----
done BEGIN
done INSERT 0 1
columns [path:25/-1/-1/0]
done SHOW BACKUPS 0
done COMMIT
columns [count:20/8/-1/0]
row [1]
done SELECT 1
ready I
