package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is kept of the past never fills the disk of a database that is in use. */
class HistoryLimitsIT {
    private static final long MEGABYTE = 1 << 20;

    /** Writes about a megabyte of log each time. */
    private static void write(Connection connection, int megabytes) throws SQLException {
        for (int i = 0; i < megabytes; i++) {
            Sessions.execute(connection, "insert into public.t select repeat('x', 1000) from generate_series(1, 900)", "delete from public.t");
        }
    }

    private static long log(Connection connection) throws SQLException {
        return Long.parseLong(Sessions.one(connection, "select sum(size)::int8 from pg_ls_waldir()"));
    }

    @Test
    void aHoldfastThatIsGoneForGood() throws Exception {
        var small = Map.of("max_slot_wal_keep_size", "64MB", "max_wal_size", "64MB", "min_wal_size", "32MB");
        try (var postgres = TestPostgres.start(15, small);
                var holdfast = TestHoldfast.inFrontOf(postgres);
                var connection = postgres.upstream().connect("postgres", "test")) {
            Sessions.execute(connection, "create table public.t (x text)");
            try (var session = holdfast.connect("postgres")) {
                Sessions.execute(session, "alter database postgres configure zone using history = on");
                Sessions.execute(session, "backup database postgres into 'nodelocal://1/here'");
            }
            holdfast.kill();
            write(connection, 400);
            Sessions.execute(connection, "checkpoint");
            assertThat(log(connection)).isLessThan(200 * MEGABYTE);
            assertThat(Sessions.rows(connection, "select distinct wal_status from pg_replication_slots")).containsExactly("lost");
            holdfast.startAgain();
            try (var session = holdfast.connect("postgres")) {
                Sessions.execute(session, "insert into t values ('after')", "backup database postgres into latest in 'nodelocal://1/here'");
                assertThat(Sessions.rows(session, "show history"))
                        .anyMatch(row -> row.startsWith("postgres|null|on|") && row.contains("max_slot_wal_keep_size"));
                Sessions.execute(session, "restore database postgres from latest in 'nodelocal://1/here' with new_db_name = 'copy'");
            }
            try (var copy = holdfast.connect("copy")) {
                assertThat(Sessions.rows(copy, "select * from t")).containsExactly("after");
            }
        }
    }

    @Test
    void anUpstreamThatWouldKeepEverything() throws Exception {
        try (var postgres = TestPostgres.start(15, Map.of("max_slot_wal_keep_size", "-1"));
                var holdfast = TestHoldfast.inFrontOf(postgres);
                var session = holdfast.connect("postgres")) {
            assertThatThrownBy(() -> Sessions.execute(session, "alter database postgres configure zone using history = on"))
                    .hasMessageContaining("max_slot_wal_keep_size of the upstream is -1")
                    .hasMessageContaining("history.unbounded_wal.enabled");
            assertThat(Sessions.rows(session, "select from pg_replication_slots")).isEmpty();
            Sessions.execute(
                    session,
                    "set cluster setting history.unbounded_wal.enabled = true",
                    "alter database postgres configure zone using history = on");
            assertThat(Sessions.rows(session, "select from pg_replication_slots")).isNotEmpty();
            Sessions.execute(session, "alter database postgres configure zone using history = off");
            assertThat(Sessions.rows(session, "select from pg_replication_slots")).isEmpty();
        }
    }

    @Test
    void theOldestPartGoes() throws Exception {
        try (var holdfast = TestHoldfast.start();
                var session = holdfast.connect("defaultdb")) {
            Sessions.execute(session, "set cluster setting history.max_wal = '48MB'", "create table t (x text)");
            // A rung lets go of its log some rounds after it was moved.
            long deadline = System.nanoTime() + Duration.ofMinutes(4).toNanos();
            boolean above = false;
            while (true) {
                // A database in which nothing happens is looked at seldom.
                write(session, above ? 1 : 100);
                long kept = Long.parseLong(Sessions.rows(session, "show history").stream()
                        .filter(row -> row.startsWith("defaultdb|null|"))
                        .map(row -> row.split("\\|")[4])
                        .findFirst()
                        .orElse("0"));
                above |= kept > 64 * MEGABYTE;
                if (above && kept < 48 * MEGABYTE) {
                    break;
                }
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.sleep(1000);
            }
            assertThat(holdfast.log()).contains("its oldest part goes");
        }
    }
}
