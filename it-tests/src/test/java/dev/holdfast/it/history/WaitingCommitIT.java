package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A commit that is in the log and not visible yet, for as long as it waits for a standby: no snapshot sees it. */
class WaitingCommitIT {
    private static void restoresTo(TestHoldfast holdfast, Connection admin, String from, String expected) throws SQLException {
        Sessions.execute(admin, "restore database shop from " + from + " with new_db_name = restored");
        try (var restored = holdfast.connect("restored")) {
            assertThat(Sessions.one(restored, "select string_agg(note, ' ' order by id) from t")).as(from).isEqualTo(expected);
        }
        Sessions.execute(admin, "drop database restored with (force)");
    }

    @Test
    @Timeout(120)
    void isInTheBackup() throws Exception {
        try (var postgres = TestPostgres.start(15);
                var holdfast = TestHoldfast.inFrontOf(postgres);
                var admin = holdfast.connect("postgres");
                var direct = postgres.upstream().connect("postgres", "test")) {
            // Nobody but the one session waits.
            Sessions.execute(direct, "alter system set synchronous_commit = local", "select pg_reload_conf()");
            Sessions.execute(
                    admin,
                    "create database shop",
                    "alter database shop configure zone using history = on");
            try (var shop = holdfast.connect("shop");
                    var client = holdfast.connect("shop")) {
                Sessions.execute(shop, "create table t (id int primary key, note text)", "insert into t values (1, 'one')");
                Sessions.execute(admin, "backup database shop into 'nodelocal://1/before'");
                Sessions.execute(direct, "alter system set synchronous_standby_names = 'nobody'", "select pg_reload_conf()");
                // Longer ago than a start of reading that looks back by seconds only.
                var waiting = CompletableFuture.runAsync(() -> {
                    try {
                        Sessions.execute(client, "set synchronous_commit = on", "insert into t values (2, 'two')");
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
                while (Sessions.rows(direct, "select from pg_stat_activity where wait_event = 'SyncRep'").isEmpty()) {
                    Thread.sleep(20);
                }
                Sessions.execute(shop, "insert into t values (3, 'three')");
                Thread.sleep(8000);
                assertThat(Sessions.one(shop, "select count(*) from t")).isEqualTo("2");
                Sessions.execute(
                        admin,
                        "backup database shop into latest in 'nodelocal://1/before'",
                        "backup database shop into 'nodelocal://1/meanwhile'");
                Sessions.execute(shop, "insert into t values (4, 'four')");
                assertThat(waiting).isNotDone();
                Sessions.execute(direct, "alter system reset synchronous_standby_names", "select pg_reload_conf()");
                waiting.join();
                Sessions.execute(
                        admin,
                        "backup database shop into latest in 'nodelocal://1/before'",
                        "backup database shop into latest in 'nodelocal://1/meanwhile'");
            }
            var path = Sessions.one(admin, "show backups in 'nodelocal://1/meanwhile'");
            restoresTo(holdfast, admin, "latest in 'nodelocal://1/before'", "one two three four");
            restoresTo(holdfast, admin, "'" + path + "' in 'nodelocal://1/meanwhile'", "one two three four");
        }
    }
}
