# The extended protocol: parameters, errors at every step, and what follows them.
@extended
SELECT $1::int + $2::int AS sum
@with 1
@with 41

@extended
SELECT $1::int
@with not a number

@extended
SELECT nosuch

@extended
SELECT 1; SELECT 2

@extended
CREATE TABLE t (a int PRIMARY KEY)

@extended
INSERT INTO t SELECT generate_series(1, $1::int) RETURNING a
@with 3

@extended
INSERT INTO t VALUES (1)

@extended
BEGIN

@extended
INSERT INTO t VALUES (1)

@extended
SELECT 1

@extended
COMMIT

@extended
SELECT count(*) FROM t

@extended
DO $$ BEGIN RAISE WARNING 'careful'; END $$

@extended
SELECT 'backup database x into y'


@extended
SHOW server_version_num

@extended
SET search_path = pg_catalog

@extended
SHOW search_path
