package dev.holdfast.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * What is live and what is staged change places while a backup runs. Names are looked up when a table is read, whatever its
 * snapshot sees, so the backup must not take the one for the other.
 */
class SwappedNamesIT {
    private static final String BEFORE = "live.t=live, staging.t=staging";

    private static void createTables(TestHoldfast holdfast) throws SQLException {
        try (var connection = holdfast.connect("postgres")) {
            for (var schema : new String[] {"live", "staging"}) {
                Sessions.execute(
                        connection,
                        "create schema " + schema,
                        "create table " + schema + ".t (v text)",
                        "insert into " + schema + ".t values ('" + schema + "')");
            }
            // Both connections are busy with these first.
            for (var large : new String[] {"large_1", "large_2"}) {
                Sessions.execute(
                        connection,
                        "create table " + large + " (v text)",
                        "insert into " + large + " select md5(i::text) || md5((-i)::text) from generate_series(1, 1000000) i");
            }
        }
    }

    /** Which rows are where, in all tables of one text. */
    private static String content(TestHoldfast holdfast, String database) throws SQLException {
        try (var connection = holdfast.connect(database)) {
            var tables = Sessions.rows(
                    connection,
                    "select format('%I.%I', schemaname, tablename) from pg_tables where tablename ~ '^t' and schemaname in ('live', 'old', 'staging') order by 1");
            var content = new ArrayList<String>();
            for (var table : tables) {
                content.add(table + "=" + Sessions.one(connection, "select v from " + table));
            }
            return String.join(", ", content);
        }
    }

    /** The attempt that notices fails; the next one, of the same moment or of a new one, does not. */
    private static void swapWhileBackupRuns(TestHoldfast holdfast, String... statements) throws Exception {
        var backup = CompletableFuture.runAsync(() -> {
            try (var connection = holdfast.connect("postgres")) {
                Sessions.execute(connection, "backup database postgres into 'nodelocal://1/swapped'");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        try (var connection = holdfast.connect("postgres")) {
            var reading = "select count(*) from pg_stat_activity where state = 'active' and query ~ '^copy .*large'";
            while (!backup.isDone() && Integer.parseInt(Sessions.one(connection, reading)) < 2) {
                Thread.sleep(5);
            }
            assertThat(content(holdfast, "postgres")).isEqualTo(BEFORE);
            Sessions.execute(connection, statements);
            backup.get();
            assertThat(holdfast.log()).contains("was given another name while the backup was running");
            Sessions.execute(connection, "restore database postgres from latest in 'nodelocal://1/swapped' with new_db_name = 'copy'");
        }
    }

    @Test
    void schemasThatAreRenamed() throws Exception {
        try (var holdfast = TestHoldfast.start()) {
            createTables(holdfast);
            holdfast.awaitLook("postgres");
            swapWhileBackupRuns(holdfast, "alter schema live rename to old", "alter schema staging rename to live");
            assertThat(content(holdfast, "copy")).isEqualTo(BEFORE);
        }
    }

    /** There are more tables than can be locked at once, so each is locked when it is read. */
    @Test
    void tablesThatAreRenamed() throws Exception {
        var settings = Map.of("max_locks_per_transaction", "10", "max_connections", "40", "max_prepared_transactions", "0");
        try (var postgres = TestPostgres.start(16, settings);
                var holdfast = TestHoldfast.inFrontOf(postgres)) {
            createTables(holdfast);
            try (var connection = holdfast.connect("postgres")) {
                for (int i = 0; i < 220; i++) {
                    Sessions.execute(connection, "create table many_" + i + " (a int)");
                }
            }
            swapWhileBackupRuns(holdfast, "alter table live.t rename to t_old", "alter table staging.t set schema live");
            assertThat(content(holdfast, "copy")).isIn(BEFORE, content(holdfast, "postgres"));
        }
    }
}
