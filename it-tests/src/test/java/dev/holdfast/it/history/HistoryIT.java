package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Restored instants under load are exactly what the clients have done by then. */
class HistoryIT {
    private static final int CLIENTS = Integer.getInteger("holdfast.clients", 3);
    private static final int INSTANTS = Integer.getInteger("holdfast.instants", 3);

    private static TestHoldfast holdfast;

    private final long seed = Long.getLong("holdfast.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private Connection admin;
    private Load load;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    @BeforeEach
    void create() throws Exception {
        System.out.println("seed " + seed + " (-Dholdfast.seed)");
        admin = holdfast.connect("postgres");
        Sessions.execute(admin, "drop database if exists bank", "create database bank");
        load = Load.create(() -> holdfast.connect("bank"), seed, CLIENTS, 2);
    }

    @AfterEach
    void unload() throws Exception {
        load.close();
        admin.close();
    }

    private void check(String restore, Instant instant) throws SQLException {
        dropRestored();
        Sessions.execute(admin, restore + " with new_db_name = 'restored'");
        try (var restored = holdfast.connect("restored")) {
            load.check(restored, instant, "seed " + seed);
        }
    }

    /** Enrolling it may just be under way. */
    private void dropRestored() throws SQLException {
        Sessions.execute(admin, "drop database if exists restored");
    }

    @Test
    void fullBackupsOfThePast() throws Exception {
        Sessions.execute(admin, "backup database bank into 'nodelocal://1/first'");
        load.start();
        var begin = Sessions.now(admin);
        Thread.sleep(8000);
        for (int i = 0; i < INSTANTS; i++) {
            var instant = Load.between(random, begin, Sessions.now(admin));
            Sessions.execute(admin, "backup database bank into 'nodelocal://1/past" + i + "' as of system time '" + instant + "'");
            check("restore database bank from latest in 'nodelocal://1/past" + i + "'", instant);
            check("restore database bank from history as of system time '" + instant + "'", instant);
        }
    }

    @Test
    void chainsOfIncrementsAndTheirHistory() throws Exception {
        Sessions.execute(admin, "backup database bank into 'nodelocal://1/chain' with revision_history");
        load.start();
        var begin = Sessions.now(admin);
        for (int i = 0; i < 12; i++) {
            Thread.sleep(700);
            Sessions.execute(admin, "backup database bank into latest in 'nodelocal://1/chain' with revision_history");
        }
        load.stop();
        Sessions.execute(admin, "backup database bank into latest in 'nodelocal://1/chain'");
        check("restore database bank from latest in 'nodelocal://1/chain'", Sessions.now(admin));
        var ends = ends("nodelocal://1/chain");
        assertThat(ends).hasSize(14);
        for (int i = 0; i < INSTANTS; i++) {
            var exact = ends.get(random.nextInt(ends.size()));
            check("restore database bank from latest in 'nodelocal://1/chain' as of system time '" + exact + "'", Instant.parse(exact));
            var instant = Load.between(random, begin, Instant.parse(ends.get(ends.size() - 2)));
            check("restore database bank from latest in 'nodelocal://1/chain' as of system time '" + instant + "'", instant);
        }
    }

    /** No transaction is lost, and none is there twice. */
    @Test
    @Tag("bench")
    void chainOfFiftyIncrements() throws Exception {
        Sessions.execute(admin, "backup database bank into 'nodelocal://1/fifty'");
        load.start();
        for (int i = 0; i < 50; i++) {
            Thread.sleep(1000);
            Sessions.execute(admin, "backup database bank into latest in 'nodelocal://1/fifty'");
        }
        load.stop();
        Sessions.execute(admin, "backup database bank into latest in 'nodelocal://1/fifty'");
        check("restore database bank from latest in 'nodelocal://1/fifty'", Sessions.now(admin));
        try (var live = holdfast.connect("bank");
                var restored = holdfast.connect("restored")) {
            var condition = "n.nspname <> 'holdfast'";
            assertThat(Rows.of(restored, condition)).isEqualTo(Rows.of(live, condition));
        }
        System.out.println("52 layers, " + load.transactions() + " transactions of ledgers");
        var ends = ends("nodelocal://1/fifty");
        for (int i = 0; i < INSTANTS; i++) {
            var end = ends.get(random.nextInt(ends.size()));
            check("restore database bank from latest in 'nodelocal://1/fifty' as of system time '" + end + "'", Instant.parse(end));
        }
    }

    private List<String> ends(String collection) throws SQLException {
        var ends = new ArrayList<String>();
        try (var statement = admin.createStatement();
                var result = statement.executeQuery("show backup from latest in '" + collection + "'")) {
            while (result.next()) {
                if ("database".equals(result.getString("object_type"))) {
                    ends.add(result.getTimestamp("end_time").toLocalDateTime().toInstant(ZoneOffset.UTC).toString());
                }
            }
        }
        return ends;
    }
}
