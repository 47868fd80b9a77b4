# Bad input: the documented message and SQLSTATE, and the session goes on.
BACKUP DATABASE nosuch INTO 'COLLECTION'
----
error 3D000 failed to resolve targets specified in the BACKUP stmt: database "nosuch" does not exist
ready I

BACKUP TABLE nosuch INTO 'COLLECTION'
----
error 42P01 failed to resolve targets specified in the BACKUP stmt: table "nosuch" does not exist
ready I

BACKUP DATABASE scenario INTO 'COLLECTION' WITH nosuch
----
error 42601 unrecognized BACKUP option "nosuch" hint: Options of BACKUP are: detached, encryption_passphrase, incremental_location, kms, revision_history. at *
ready I

BACKUP DATABASE scenario INTO 'COLLECTION' WITH detached, detached
----
error 42601 syntax error: detached option specified multiple times at *
ready I

RESTORE DATABASE scenario FROM LATEST IN 'COLLECTION' WITH into_db = a, into_db = b
----
error 42601 syntax error: into_db specified multiple times at *
ready I

BACKUP DATABASE scenario INTO 'no uri at all'
----
error 22023 invalid storage URI: no scheme hint: *
ready I

BACKUP DATABASE scenario INTO 'nodelocal://1/%zz'
----
error 22023 invalid storage URI: invalid percent-encoding
ready I

BACKUP DATABASE scenario INTO 'ftp://host/x'
----
error XXUUU unsupported storage scheme: "ftp" - refer to docs to find supported storage schemes
ready I

BACKUP DATABASE scenario INTO 'nodelocal:///x'
----
error XXUUU invalid `nodelocal` URI: host component of nodelocal URI must be a node ID (use 'self' to specify each node should access its own local filesystem): nodelocal:///x
ready I

BACKUP DATABASE scenario INTO 'nodelocal://one/x'
----
error XXUUU invalid `nodelocal` URI: host component of nodelocal URI must be a node ID: nodelocal://one/x
ready I

BACKUP DATABASE scenario INTO 'nodelocal://1/../../x'
----
error XXUUU local file access to paths outside of external-io-dir is not allowed: /../../x
ready I

RESTORE DATABASE scenario FROM LATEST IN 'COLLECTION'
----
error 58P01 path does not contain a completed latest backup detail: LATEST file could not be read in base or metadata directory
ready I

SHOW BACKUP FROM LATEST IN 'COLLECTION'
----
error 58P01 path does not contain a completed latest backup detail: LATEST file could not be read in base or metadata directory
ready I

SHOW BACKUP FROM '2020/01/01-000000.00' IN 'COLLECTION'
----
error 58P01 could not find BACKUP manifest file in any of the known locations: BACKUP_MANIFEST: COLLECTION/2020/01/01-000000.00 does not exist hint: SHOW BACKUPS IN lists the backups of a collection.
ready I

CREATE TABLE t (a int); BACKUP DATABASE scenario INTO 'COLLECTION'
----
done CREATE TABLE
columns *
row [*, succeeded, 1, 0, 0, 0]
done BACKUP 1
ready I

RESTORE DATABASE scenario FROM LATEST IN 'COLLECTION'
----
error 42P04 database "scenario" already exists hint: Restore it under another name: WITH new_db_name = '...'.
ready I

RESTORE DATABASE scenario FROM LATEST IN 'COLLECTION' WITH new_db_name = 'postgres'
----
error 42P04 database "postgres" already exists hint: Restore it under another name: WITH new_db_name = '...'.
ready I

RESTORE DATABASE nosuch FROM LATEST IN 'COLLECTION'
----
error XXUUU failed to resolve targets in the BACKUP location specified by the RESTORE statement, use SHOW BACKUP to find correct targets: no tables or databases matched the given targets: nosuch
ready I

RESTORE DATABASE a, b FROM LATEST IN 'COLLECTION' WITH new_db_name = 'c'
----
error XXUUU new_db_name can only be used for RESTORE DATABASE with a single target database
ready I

RESTORE DATABASE scenario FROM LATEST IN 'COLLECTION' WITH into_db = 'c'
----
error XXUUU cannot use "into_db" option when restoring database(s)
ready I

RESTORE TABLE scenario.t FROM LATEST IN 'COLLECTION'
----
error 42P07 relation "t" already exists hint: Restore into another database: WITH into_db = '...'.
ready I

RESTORE TABLE scenario.t FROM LATEST IN 'COLLECTION' WITH into_db = 'nosuch'
----
error 3D000 a database named "nosuch" needs to exist to restore table "t"
ready I

RESTORE TABLE scenario.nosuch FROM LATEST IN 'COLLECTION'
----
error XXUUU failed to resolve targets in the BACKUP location specified by the RESTORE statement, use SHOW BACKUP to find correct targets: table "scenario.nosuch" does not exist, or invalid RESTORE timestamp: supplied backups do not cover requested time
ready I

BACKUP TABLE t INTO 'COLLECTION/table'; RESTORE DATABASE scenario FROM LATEST IN 'COLLECTION/table' WITH new_db_name = 'x'
----
columns *
row *
done BACKUP 1
error XXUUU failed to resolve targets in the BACKUP location specified by the RESTORE statement, use SHOW BACKUP to find correct targets: cannot RESTORE DATABASE from a backup of individual tables (use SHOW BACKUP to determine available tables)
ready I

BACKUP DATABASE scenario INTO '2026/01/01-000000.00' IN 'COLLECTION'
----
error XXUUU A full backup cannot be written to "2026/01/01-000000.00", a user defined subdirectory. *
ready I

BACKUP DATABASE scenario INTO 'COLLECTION' AS OF SYSTEM TIME '1h'
----
error 22023 AS OF SYSTEM TIME: cannot specify timestamp in the future *
ready I

PAUSE JOB 1
----
error XXUUU job with ID 1 does not exist
ready I

CANCEL JOB 'one'
----
error 22P02 invalid input syntax for type bigint: "one"
ready I

SHOW JOB 1
----
columns *
done SHOW JOBS 0
ready I

SHOW JOBS SELECT 1, 2
----
error 42601 subquery must return only one column*
ready I

SHOW JOBS SELECT 'a'
----
error 42804 the query must return one column of job ids
ready I

SHOW JOBS SELECT 1.5
----
error 42804 the query must return one column of job ids
ready I

SHOW CLUSTER SETTING nosuch
----
error 42704 unknown setting: "nosuch"
ready I

SET CLUSTER SETTING feature.backup.enabled = 'perhaps'
----
error 22023 invalid value for cluster setting "feature.backup.enabled": "perhaps"
ready I

SET CLUSTER SETTING feature.backup.enabled = false; BACKUP DATABASE scenario INTO 'COLLECTION'
----
done SET CLUSTER SETTING
error 57000 feature BACKUP was disabled by the database administrator
ready I

RESET CLUSTER SETTING feature.backup.enabled; SHOW CLUSTER SETTING feature.backup.enabled
----
done SET CLUSTER SETTING
columns [feature.backup.enabled:16/1/-1/0]
row [t]
done SHOW 1
ready I

# Positions count characters of the whole text.
SELECT 'äöü'; BACKUP DATABASE scenario INTO 'nodelocal://1/x' WITH nosuch
----
error 42601 unrecognized BACKUP option "nosuch" hint: Options of BACKUP are: detached, encryption_passphrase, incremental_location, kms, revision_history. at 68
ready I

SHOW JOBS SELECT nosuch FROM t
----
error 42703 column "nosuch" does not exist at 18
ready I

SELECT 1; SHOW JOBS SELECT nosuch FROM t
----
columns *
row [1]
done SELECT 1
error 42703 column "nosuch" does not exist at 28
ready I

SELECT 'the session goes on' AS answer
----
columns *
row [the session goes on]
done SELECT 1
ready I
