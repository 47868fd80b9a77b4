package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Program;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * An application finds nothing changed in a database whose history is kept: what it does is done in a database with history
 * and in one of a PostgreSQL alone, and has to come to the same.
 */
class ApplicationIT {
    private static TestHoldfast holdfast;
    private static TestPostgres plain;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
        plain = TestPostgres.start(18);
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
        plain.close();
    }

    @FunctionalInterface
    private interface Opener {
        Connection open() throws SQLException;
    }

    private static Connection plain(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + plain.port() + "/" + database + "?sslmode=disable",
                "postgres",
                TestPostgres.PASSWORD);
    }

    /** A database of that name on both sides, on one of them with history. */
    private static void create(String database) throws SQLException {
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(
                    connection, "create database " + database, "alter database " + database + " configure zone using history = on");
        }
        try (var connection = plain("postgres")) {
            Sessions.execute(connection, "create database " + database);
        }
    }

    private static String outcome(Connection connection, String sql) {
        try (var statement = connection.createStatement()) {
            return statement.execute(sql)
                    ? String.join(" / ", Sessions.rows(statement.getResultSet()))
                    : "count " + statement.getUpdateCount();
        } catch (SQLException e) {
            return "error " + e.getSQLState() + " " + e.getMessage().lines().findFirst().orElse("");
        }
    }

    /** Lines of the form {@code session: statement}, each session a connection of its own, on both sides. */
    private static void assertSame(String database, String script) throws Exception {
        create(database);
        var kept = outcomes(() -> holdfast.connect(database), script);
        var alone = outcomes(() -> plain(database), script);
        assertThat(kept).isEqualTo(alone);
        assertHistoryGoesOn(database);
        assertNothingStays(database);
    }

    /** Without history the database is as it would be if there had never been any. */
    private static void assertNothingStays(String database) throws SQLException {
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, "alter database " + database + " configure zone using history = off");
        }
        var what =
                """
                select 'identity', n.nspname || '.' || c.relname, c.relreplident, (
                    select i.indexrelid::regclass from pg_index i where i.indrelid = c.oid and i.indisreplident)::text
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'p') and n.nspname !~ '^pg_|^information_schema$'
                union all select 'schema', nspname, null, null from pg_namespace where nspname !~ '^pg_'
                union all select 'trigger', evtname, null, null from pg_event_trigger
                order by 1, 2
                """;
        try (var kept = holdfast.connect(database);
                var alone = plain(database)) {
            assertThat(Sessions.rows(kept, what)).isEqualTo(Sessions.rows(alone, what));
            assertThat(Sessions.rows(kept, "select slot_name from pg_replication_slots where database = current_database()"))
                    .isEmpty();
        }
    }

    private static List<String> outcomes(Opener opener, String script) throws SQLException {
        var outcomes = new ArrayList<String>();
        var sessions = new TreeMap<String, Connection>();
        try {
            for (var line : script.lines().map(String::strip).filter(l -> !l.isEmpty()).toList()) {
                var name = line.substring(0, line.indexOf(':'));
                var session = sessions.get(name);
                if (session == null) {
                    session = opener.open();
                    sessions.put(name, session);
                }
                outcomes.add(line + " -> " + outcome(session, line.substring(line.indexOf(':') + 1)));
            }
        } finally {
            for (var session : sessions.values()) {
                session.close();
            }
        }
        return outcomes;
    }

    /** None of it has made the event triggers fail: the stream can still be relied on. */
    private static void assertHistoryGoesOn(String database) throws SQLException {
        try (var connection = holdfast.connect("postgres");
                var statement = connection.createStatement()) {
            statement.execute("backup database " + database + " into 'nodelocal://1/" + database + "' with revision_history");
            statement.execute("backup database " + database + " into latest in 'nodelocal://1/" + database + "'");
            assertThat((Object) statement.getWarnings()).as("notices of the increment").isNull();
            statement.execute("restore database " + database + " from latest in 'nodelocal://1/" + database + "' with new_db_name = '"
                    + database + "_restored'");
            statement.execute("drop database " + database + "_restored");
        }
    }

    private static final String UPDATES =
            """
            a: update t set b = b || '!' where id = 1
            a: update t set id = id + 100 where id = 2
            a: delete from t where id = 3
            a: insert into t (id, b, c) values (4, 'b', 'c')
            a: merge into t using (values (1, 'x')) s (id, b) on t.id = s.id when matched then update set b = s.b
            """;

    private static final String TABLE =
            """
            a: create table t (id int primary key, b text, c text default 'c', d text generated always as (b || 'd') stored)
            a: insert into t (id, b) values (1, 'one'), (2, 'two'), (3, 'three')
            """;

    private static void publication(String database, String create) throws Exception {
        var withoutC = UPDATES.replace(", c)", ")").replace(", 'c')", ")");
        assertSame(
                database,
                TABLE + UPDATES + "a: " + create + "\n" + UPDATES + "a: alter table t add e int default 3\n" + UPDATES
                        + "a: alter table t drop column c\n" + withoutC + "a: drop publication p\n" + withoutC
                        + "a: select id, b, d from t order by id\n");
    }

    @Test
    void publicationWithColumnList() throws Exception {
        publication("pub_columns", "create publication p for table t (id, b)");
    }

    @Test
    void publicationWithRowFilter() throws Exception {
        publication("pub_filter", "create publication p for table t where (id > 1)");
    }

    @Test
    void publicationOfAllTables() throws Exception {
        publication("pub_all", "create publication p for all tables");
    }

    @Test
    void publicationWithGeneratedColumns() throws Exception {
        publication("pub_generated", "create publication p for table t with (publish_generated_columns = stored)");
    }

    @Test
    void publicationOfInsertsOnly() throws Exception {
        publication("pub_inserts", "create publication p for table t (id, b) with (publish = 'insert')");
    }

    @Test
    void publicationOfASchema() throws Exception {
        publication("pub_schema", "create publication p for tables in schema public");
    }

    @Test
    void publicationChangedLater() throws Exception {
        assertSame(
                "pub_later",
                TABLE
                        + """
                        a: create table u (id int primary key, v text, w int generated always as (id + 1) virtual)
                        a: insert into u values (1, 'v')
                        a: create table parted (id int, k int, v text, primary key (id, k)) partition by list (k)
                        a: create table part1 partition of parted for values in (1)
                        a: insert into parted values (1, 1, 'v'), (2, 1, 'v')
                        a: create publication p with (publish = 'insert')
                        a: alter publication p add table t (id, b)
                        a: alter publication p set (publish = 'insert, update, delete')
                        a: update t set b = 'x'
                        a: create publication q for table u
                        a: update u set v = 'x'
                        a: delete from u
                        a: create publication r for table parted (id, k) with (publish_via_partition_root = true)
                        a: update parted set v = 'y' where id = 1
                        a: create table part2 partition of parted for values in (2)
                        a: insert into parted values (3, 2, 'v')
                        a: update parted set v = 'y' where id = 3
                        a: delete from parted where id = 1
                        a: alter publication p set table t (id)
                        a: update t set b = 'y'
                        a: create table keyless (a int, b int)
                        a: insert into keyless values (1, 1)
                        a: create publication s for table keyless
                        a: alter table keyless replica identity full
                        a: update keyless set b = 2
                        a: alter publication s set table keyless (a)
                        a: update keyless set b = 3
                        a: alter table keyless replica identity default
                        a: select * from keyless
                        a: create table indexed (id int not null, v text)
                        a: create unique index "Odd index" on indexed (id)
                        a: alter table indexed replica identity using index "Odd index"
                        a: create table silent (id int)
                        a: alter table silent replica identity nothing
                        a: drop publication p, q, r, s
                        a: update keyless set b = 4
                        a: update t set b = 'z'
                        a: update u set v = 'z'
                        a: update parted set v = 'z'
                        """);
    }

    @Test
    void ordinaryRoles() throws Exception {
        for (var connection : List.of(holdfast.connect("postgres"), plain("postgres"))) {
            try (connection) {
                Sessions.execute(connection, "create role owner_of_all", "create role nobody_much");
            }
        }
        assertSame(
                "roles",
                """
                a: grant create on database roles to owner_of_all
                a: grant usage, create on schema public to owner_of_all
                a: grant owner_of_all to current_user
                b: set role owner_of_all
                b: create schema mine
                b: create table mine.t (id serial primary key, v text)
                b: insert into mine.t (v) select 'v' from generate_series(1, 3)
                b: alter table mine.t add column w int
                b: create type mine.mood as enum ('sad', 'ok')
                b: alter type mine.mood add value 'happy'
                b: create table mine.u (m mine.mood)
                b: create index on mine.t (v)
                b: create index concurrently on mine.t (w)
                b: create view mine.w as select * from mine.t
                b: create function mine.f() returns int language sql as 'select 1'
                b: comment on table mine.t is 'mine'
                b: create temp table scratch (id int primary key)
                b: insert into scratch values (1)
                b: alter table scratch add v text
                b: update scratch set v = 'x'
                b: drop table scratch
                b: truncate mine.u
                b: update mine.t set w = id
                b: set search_path = pg_temp, mine, pg_catalog
                b: create table jsonb (id int)
                b: create function mine.count(int) returns int language sql as 'select 7'
                b: create type mine.text as (a int)
                b: create table mine.shadow (id int primary key)
                b: update mine.t set w = 5
                b: reset search_path
                b: begin
                b: create table mine.x (id int)
                b: savepoint s
                b: alter table mine.x add v text default 'v'
                b: insert into mine.x values (1)
                b: rollback to s
                b: insert into mine.x values (2)
                b: update mine.x set id = 3
                b: commit
                b: select * from mine.x
                b: create table mine.selected as select * from mine.x
                b: update mine.selected set id = 9
                b: begin read only
                b: select count(*) from mine.t
                b: create temp table no_way (id int)
                b: rollback
                b: begin isolation level serializable read only deferrable
                b: select count(*) from mine.t
                b: commit
                b: alter table mine.t replica identity full
                b: alter table mine.t replica identity using index t_pkey
                b: update mine.t set w = 6
                b: alter table mine.x replica identity nothing
                b: update mine.x set id = 4
                b: alter table mine.x owner to nobody_much
                b: drop table mine.u
                b: drop schema mine cascade
                a: drop owned by owner_of_all
                c: set session_replication_role = replica
                c: create table replicated (id int primary key, v text)
                c: insert into replicated values (1, 'v')
                c: update replicated set v = 'w'
                c: drop table replicated
                c: create extension pg_trgm
                c: create table e (v text)
                c: create index on e using gin (v gin_trgm_ops)
                c: insert into e values ('abc')
                c: update e set v = 'def'
                c: drop extension pg_trgm cascade
                c: create materialized view mv as select 1 as a
                c: refresh materialized view mv
                c: do $$ begin for i in 1..3 loop execute 'create table loop_' || i || ' (id int)'; end loop; end $$
                c: do $$ begin execute 'create table broken (id int)'; raise exception 'no'; exception when others then null; end $$
                c: create table renamed (id int)
                c: alter table renamed rename to again
                c: select * into copied from again
                """);
    }

    /** Somebody's own event triggers see what he does, and nothing else. */
    @Test
    void eventTriggersOfTheUser() throws Exception {
        assertSame(
                "own_triggers",
                """
                a: create table seen (n serial, tag text, what text)
                a: create function notice() returns event_trigger language plpgsql security definer as $$ \
                    declare c record; \
                    begin \
                        for c in select * from pg_event_trigger_ddl_commands() \
                        loop insert into seen (tag, what) values (c.command_tag, c.object_identity); end loop; \
                    end $$
                a: create event trigger zz_notice on ddl_command_end execute function notice()
                a: create event trigger aa_notice on ddl_command_end execute function notice()
                a: create function forbid() returns event_trigger language plpgsql \
                    as $$ begin raise exception 'no ALTER TABLE on Fridays'; end $$
                a: create event trigger forbid on ddl_command_start when tag in ('ALTER TABLE') execute function forbid()
                b: create table t (id int primary key, v text)
                b: insert into t values (1, 'a')
                b: update t set v = 'b'
                b: create publication p for table t (id)
                b: update t set v = 'c'
                b: alter table t add w int
                b: drop publication p
                b: create table u (id int)
                b: drop table u
                b: select tag, what from seen order by n
                a: drop event trigger forbid
                b: alter table t add w int
                b: update t set w = 1
                b: select tag, what from seen order by n
                """);
    }

    /** Definitions changed by serializable transactions at once: PostgreSQL alone does not make any of them fail. */
    @Test
    void serializableDefinitions() throws Exception {
        assertSame(
                "serial",
                """
                a: create table x (id int)
                a: create table y (id int)
                a: begin isolation level serializable
                b: begin isolation level serializable
                c: begin isolation level repeatable read
                a: select count(*) from pg_class where relname in ('x', 'y')
                b: select count(*) from pg_class where relname in ('x', 'y')
                c: select count(*) from pg_class where relname in ('x', 'y')
                a: create table a1 (id int primary key)
                b: create table b1 (id int primary key)
                c: create table c1 (id int primary key)
                a: drop table x
                b: drop table y
                a: alter table a1 add v text
                b: alter table b1 add v text
                a: commit
                b: commit
                c: drop table c1
                c: commit
                """);
    }

    /** A table in use keeps what it has until it is not, and the application does not wait for that. */
    @Test
    void tablesInUseAreTakenAndGivenBackLater() throws Exception {
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(
                    connection, "create database in_use", "alter database in_use configure zone using history = off");
        }
        try (var reader = holdfast.connect("in_use");
                var connection = holdfast.connect("in_use")) {
            Sessions.execute(connection, "create table read (id int primary key)", "create table free (id int primary key)");
            reader.setAutoCommit(false);
            Sessions.execute(reader, "select * from read");
            Sessions.execute(connection, "alter database in_use configure zone using history = on");
            assertThat(identities(connection)).isEqualTo("free f, read d");
            assertThat(Sessions.rows(connection, "show history"))
                    .anyMatch(row -> row.startsWith("in_use|public.read|off") && row.contains("lock"));
            Sessions.execute(connection, "insert into read values (1)", "insert into free values (1)");
            reader.rollback();
            awaitIdentities(connection, "free f, read f");
            Sessions.execute(reader, "select * from read");
            Sessions.execute(connection, "alter database in_use configure zone using history = off");
            assertThat(identities(connection)).isEqualTo("free d, read f");
            assertThat(Sessions.one(connection, "select count(*) from pg_event_trigger")).isEqualTo("0");
            reader.rollback();
            // Reinstalled in between, it still knows what was declared.
            Sessions.execute(
                    connection,
                    "alter database in_use configure zone using history = on",
                    "alter database in_use configure zone using history = off");
            assertThat(identities(connection)).isEqualTo("free d, read d");
        }
    }

    private static String identities(Connection connection) throws SQLException {
        return Sessions.one(
                connection,
                "select string_agg(relname || ' ' || relreplident::text, ', ' order by relname) from pg_class"
                        + " where relname in ('read', 'free')");
    }

    private static void awaitIdentities(Connection connection, String wanted) throws Exception {
        for (int i = 0; i < 500 && !identities(connection).equals(wanted); i++) {
            Sessions.execute(connection, "insert into free values (" + (i + 2) + ")");
            Thread.sleep(100);
        }
        assertThat(identities(connection)).isEqualTo(wanted);
    }

    // ---- programs ----

    @Test
    void dumps() throws Exception {
        var dump = Program.require("pg_dump");
        try (var upstream = TestPostgres.start(15);
                var before = TestHoldfast.inFrontOf(upstream)) {
            try (var connection = before.connect("postgres")) {
                Sessions.execute(
                        connection,
                        "create role owning login password 'owning'",
                        "create database dumped owner owning",
                        "alter database dumped configure zone using history = on");
            }
            try (var connection = before.connect("dumped")) {
                Sessions.execute(
                        connection,
                        "set role owning",
                        "create table t (id int primary key, v text)",
                        "insert into t select g, 'v' from generate_series(1, 100) g");
            }
            var file = Files.createTempFile("dumped", ".sql");
            try {
                for (var user : List.of("owning", "postgres")) {
                    var outcome = dump.with("PGPASSWORD", user.equals("owning") ? "owning" : TestPostgres.PASSWORD)
                            .run(
                                    "-h", "127.0.0.1", "-p", Integer.toString(before.port()), "-U", user, "-d", "dumped",
                                    "-f", file.toString());
                    assertThat(outcome).as(user).isEqualTo(new Program.Outcome(0, ""));
                    assertThat(Files.readString(file)).contains("CREATE TABLE public.t", "100\tv");
                    assertThat(Files.readString(file)).doesNotContainPattern("[0-9a-f]{64}");
                }
            } finally {
                Files.delete(file);
            }
        }
    }

    /** A thousand tables a minute come and go, while backups are taken. */
    @Test
    void tablesThatComeAndGo() throws Exception {
        var pgbench = Program.require("pgbench");
        create("busy");
        try (var connection = holdfast.connect("busy")) {
            Sessions.execute(
                    connection,
                    "create table lasting (id int primary key, v text)",
                    "insert into lasting select g, 'v' from generate_series(1, 100) g");
        }
        var script = Files.writeString(
                Files.createTempFile("tables", ".sql"),
                """
                \\set n random(1, 1000000000)
                create table come_:n (id int primary key, v text);
                insert into come_:n select g, 'v' from generate_series(1, 5) g;
                update come_:n set v = 'w' where id = 3;
                create temp table temp_:n (id int);
                update lasting set v = :n where id = 1 + :client_id;
                drop table temp_:n;
                drop table come_:n;
                """);
        var output = Files.createTempFile("pgbench", ".out");
        try {
            var load = pgbench.start(
                    output, "-n", "-h", "127.0.0.1", "-p", Integer.toString(holdfast.port()), "-U", "root", "-f", script.toString(),
                    "-c", "4", "-j", "2", "-R", "18", "-T", "8", "busy");
            var failures = new ConcurrentLinkedQueue<String>();
            try (var connection = holdfast.connect("postgres")) {
                while (load.isAlive()) {
                    for (var backup : List.of(
                            "backup database busy into 'nodelocal://1/busy' with revision_history",
                            "backup database busy into latest in 'nodelocal://1/busy' with revision_history")) {
                        var outcome = outcome(connection, backup);
                        if (outcome.startsWith("error")) {
                            failures.add(outcome);
                        }
                    }
                    Thread.sleep(500);
                }
            }
            assertThat(load.waitFor()).as(Files.readString(output)).isZero();
            assertThat(Files.readString(output)).contains("number of failed transactions: 0 ").doesNotContain("ERROR");
            assertThat(failures).isEmpty();
            System.out.println(Files.readString(output).lines().filter(line -> line.contains("actually processed")).toList());
        } finally {
            Files.delete(script);
            Files.delete(output);
        }
        assertHistoryGoesOn("busy");
    }
}
