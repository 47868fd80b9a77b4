"""What a Python program does with a connection; arguments: host, port, user, database. Prints "ok" at the end."""
import io
import select
import sys
import threading

import psycopg2
import psycopg2.errors
import psycopg2.extensions
import psycopg2.extras

host, port, user, database = sys.argv[1:]


def connect(**more):
    return psycopg2.connect(host=host, port=port, user=user, dbname=database, **more)


connection = connect(options="-c statement_timeout=20000", application_name="smoke")
with connection, connection.cursor() as cursor:
    cursor.execute("create temp table t (a int, b text, c bytea, d jsonb)")
    psycopg2.extras.execute_values(cursor, "insert into t values %s", [(i, f"row {i} é", b"\0\xff", "{}") for i in range(500)])
    cursor.execute("select count(*), sum(a) from t where b like %s", ("row%",))
    assert cursor.fetchone() == (500, 124750)
    cursor.copy_expert("copy t (a, b) from stdin", io.StringIO("1000\tcopied\n1001\tcopied too\n"))
    out = io.StringIO()
    cursor.copy_expert("copy (select a from t where a >= 1000 order by a) to stdout", out)
    assert out.getvalue() == "1000\n1001\n"
try:
    with connection, connection.cursor() as cursor:
        cursor.execute("insert into t values (2000, 'gone')")
        cursor.execute("select 1/0")
    raise AssertionError("no error")
except psycopg2.errors.DivisionByZero as error:
    assert error.pgcode == "22012"
with connection, connection.cursor("named") as cursor:
    cursor.itersize = 50
    cursor.execute("select generate_series(1, 1000)")
    assert sum(row[0] for row in cursor) == 500500

listener = connect()
listener.set_isolation_level(psycopg2.extensions.ISOLATION_LEVEL_AUTOCOMMIT)
with listener.cursor() as cursor:
    cursor.execute("listen smoke")
with connection, connection.cursor() as cursor:
    cursor.execute("notify smoke, 'hello'")
assert select.select([listener], [], [], 10)[0]
listener.poll()
assert listener.notifies.pop().payload == "hello"

timer = threading.Timer(0.3, listener.cancel)
timer.start()
try:
    with listener.cursor() as cursor:
        cursor.execute("select pg_sleep(20)")
    raise AssertionError("not cancelled")
except psycopg2.errors.QueryCanceled:
    pass

# Statements of Holdfast's own, with and without parameters.
with listener.cursor() as cursor:
    cursor.execute("SHOW CLUSTER SETTING feature.backup.enabled")
    assert cursor.fetchall() == [(True,)]
    cursor.execute("BACKUP DATABASE " + database + " INTO %s", ("nodelocal://1/psycopg2",))
    assert cursor.fetchone()[1] == "succeeded"
    try:
        cursor.execute("SHOW BACKUPS IN %s", ("nodelocal://1/psycopg2",))
        assert len(cursor.fetchall()) == 1
        cursor.execute("PAUSE JOB 1")
        raise AssertionError("no error")
    except psycopg2.Error as error:
        assert error.pgcode is not None
listener.close()
connection.close()
print("ok")
