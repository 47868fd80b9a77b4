package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Databases that are backed up together are cut at one place: one client commits the same number in one database and then in the
 * other, so that the first is never behind, and never more than one ahead. A third has a load of its own, and a fourth nothing.
 */
class CommonCutIT {
    private static final int INSTANTS = Integer.getInteger("holdfast.instants", 3);

    private static TestHoldfast holdfast;
    private static Connection admin;

    private final long seed = Long.getLong("holdfast.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
        admin = holdfast.connect("postgres");
    }

    @AfterAll
    static void stop() throws Exception {
        admin.close();
        holdfast.close();
    }

    @Test
    void databasesAreCutAtOnePlace() throws Exception {
        System.out.println("seed " + seed + " (-Dholdfast.seed)");
        for (var database : new String[] {"first", "second", "idle", Load.DATABASE}) {
            Sessions.execute(admin, "create database " + database);
            try (var connection = holdfast.connect(database)) {
                Sessions.execute(connection, "create table n (n int primary key)", "insert into n values (0)");
            }
        }
        var load = Load.create(() -> holdfast.connect(Load.DATABASE), seed, 2, 1);
        var names = "first, second, idle, " + Load.DATABASE;
        Sessions.execute(admin, "backup database " + names + " into 'nodelocal://1/chain' with revision_history");
        var stopping = new AtomicBoolean();
        var failure = new Throwable[1];
        var counting = Thread.ofPlatform().start(() -> {
            try (var first = holdfast.connect("first");
                    var second = holdfast.connect("second")) {
                for (int i = 1; !stopping.get(); i++) {
                    Sessions.execute(first, "insert into n values (" + i + ")");
                    Sessions.execute(second, "insert into n values (" + i + ")");
                }
            } catch (SQLException e) {
                failure[0] = e;
            }
        });
        load.start();
        try {
            var begin = Sessions.now(admin);
            Thread.sleep(7000);
            Sessions.execute(admin, "backup database " + names + " into latest in 'nodelocal://1/chain' with revision_history");
            for (int i = 0; i < INSTANTS; i++) {
                var instant = Load.between(random, begin, Sessions.now(admin));
                Sessions.execute(admin, "backup database " + names + " into 'nodelocal://1/past" + i + "' as of system time '" + instant + "'");
                check("nodelocal://1/past" + i, "", instant, load);
                check("nodelocal://1/chain", " as of system time '" + Load.between(random, begin, begin.plusSeconds(6)) + "'", null, load);
            }
            Sessions.execute(admin, "backup database " + names + " into 'nodelocal://1/now'");
            check("nodelocal://1/now", "", null, load);
        } finally {
            stopping.set(true);
            counting.join();
            load.close();
        }
        assertThat(failure[0]).isNull();
    }

    /** {@code instant}: null when only the counters are to be looked at. */
    private void check(String collection, String asOf, Instant instant, Load load) throws SQLException {
        int first = restoredNumber("first", collection, asOf);
        int second = restoredNumber("second", collection, asOf);
        assertThat(first - second).as("%d and %d in %s%s, seed %d", first, second, collection, asOf, seed).isBetween(0, 1);
        assertThat(restoredNumber("idle", collection, asOf)).isZero();
        if (instant != null) {
            restoredNumber(Load.DATABASE, collection, asOf);
            try (var restored = holdfast.connect("restored")) {
                load.check(restored, instant, "seed " + seed);
            }
        }
    }

    private int restoredNumber(String database, String collection, String asOf) throws SQLException {
        Sessions.execute(
                admin,
                "drop database if exists restored",
                "restore database " + database + " from latest in '" + collection + "'" + asOf + " with new_db_name = 'restored'");
        try (var restored = holdfast.connect("restored")) {
            assertThat(Sessions.one(restored, "select count(*) - max(n) from n")).isEqualTo("1");
            return Integer.parseInt(Sessions.one(restored, "select max(n) from n"));
        }
    }
}
