package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Leftovers;
import dev.holdfast.it.support.Repetitions;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * kill -9 of Holdfast and of PostgreSQL in the middle of backups of a database that is being changed: what goes on afterwards
 * is exact at the instant that was asked for, and nothing is left over.
 */
class HistoryCrashIT {
    private static final String COLLECTION = "nodelocal://1/crashed";
    private static final Duration ADOPTION = Duration.ofSeconds(20);

    private TestHoldfast holdfast;
    private Load load;
    private Repetitions repetitions;
    private Duration longestAdoption = Duration.ZERO;
    private int interrupted;

    /** What is being backed up when something dies. */
    private enum Kind {
        PAST,
        NOW,
        INCREMENT
    }

    @Test
    void embedded() throws Exception {
        embedded(Repetitions.of("HistoryCrashIT.embedded", 3));
    }

    @Test
    @Tag("bench")
    void embeddedManyTimes() throws Exception {
        embedded(Repetitions.of("HistoryCrashIT.embeddedManyTimes", 30));
    }

    @Test
    void external() throws Exception {
        external(Repetitions.of("HistoryCrashIT.external", 1));
    }

    @Test
    @Tag("bench")
    void externalManyTimes() throws Exception {
        external(Repetitions.of("HistoryCrashIT.externalManyTimes", 10));
    }

    private void embedded(Repetitions repetitions) throws Exception {
        try (var started = TestHoldfast.start()) {
            holdfast = started;
            rounds(repetitions, this::pastHoldfast, started::killPostgres);
        }
    }

    private void external(Repetitions repetitions) throws Exception {
        try (var upstream = TestPostgres.start(15);
                var started = TestHoldfast.inFrontOf(upstream)) {
            holdfast = started;
            rounds(
                    repetitions,
                    () -> DriverManager.getConnection(
                            "jdbc:postgresql://127.0.0.1:" + upstream.port() + "/" + Load.DATABASE + "?sslmode=disable",
                            "postgres",
                            TestPostgres.PASSWORD),
                    upstream::kill);
        }
    }

    /** So that the load goes on while it is dead. */
    private Connection pastHoldfast() throws SQLException {
        try {
            var uri = holdfast.embedded(Load.DATABASE);
            return DriverManager.getConnection(
                    "jdbc:postgresql://" + uri.host() + ":" + uri.port() + "/" + Load.DATABASE + "?sslmode=disable",
                    "root",
                    Files.readString(holdfast.store().resolve("root.password")).strip());
        } catch (IOException e) {
            throw new SQLException(e.getMessage(), "08001", e);
        }
    }

    @FunctionalInterface
    private interface Killer {
        void kill() throws Exception;
    }

    private void rounds(Repetitions wanted, Ledger.Connector connector, Killer postgres) throws Exception {
        repetitions = wanted;
        run(
                "create database bank",
                "alter database bank configure zone using history = on",
                "set cluster setting bulkio.backup.file_size = '1MiB'");
        try (var bank = connector.connect()) {
            // Long enough to be killed in the middle of it.
            Sessions.execute(
                    bank,
                    "create table ballast (id int primary key, v text)",
                    "insert into ballast select g, md5(g::text) from generate_series(1, 150000) g");
        }
        load = Load.create(connector, repetitions.seed(), 1, 1);
        run("backup database bank into '" + COLLECTION + "' with revision_history");
        load.start();
        Thread.sleep(2000);
        long begin = System.nanoTime();
        run("backup database bank into '" + COLLECTION + "' as of system time '-1s'");
        var takes = Duration.ofNanos(System.nanoTime() - begin);
        for (int round = 0; round < repetitions.rounds(); round++) {
            var kind = Kind.values()[round % Kind.values().length];
            boolean ofPostgres = repetitions.rounds() == 1 || round % 2 == 1;
            var said = repetitions.in(round) + " (" + kind + ", " + (ofPostgres ? "PostgreSQL" : "Holdfast") + " killed)";
            round(said, kind, takes, ofPostgres ? postgres : null);
        }
        load.stop();
        System.out.println(repetitions.rounds() + " rounds, " + interrupted + " of them before the end of the backup; the longest"
                + " adoption took " + longestAdoption.toMillis() + " ms; " + load.transactions() + " transactions of ledgers");
    }

    private void round(String said, Kind kind, Duration takes, Killer postgres) throws Exception {
        Thread.sleep(500);
        var past = now().minusMillis(1500);
        long job = Long.parseLong(
                switch (kind) {
                    case PAST ->
                        one("backup database bank into '" + COLLECTION + "' as of system time '" + past + "' with detached");
                    case NOW -> one("backup database bank into '" + COLLECTION + "' with detached, revision_history");
                    case INCREMENT -> one("backup database bank into latest in '" + COLLECTION + "' with detached");
                });
        Thread.sleep((long) (takes.toMillis() * repetitions.random().nextDouble()));
        boolean unfinished = !"succeeded".equals(status(job));
        if (postgres == null) {
            holdfast.kill();
            holdfast.startAgain();
        } else {
            postgres.kill();
        }
        if (unfinished) {
            interrupted++;
        }
        if (unfinished && postgres == null) {
            awaitAdoption(job, said);
        }
        assertThat(end(job)).as(said + story(job)).isEqualTo("succeeded");
        var end = endOfLatest();
        if (kind == Kind.PAST) {
            assertThat(end).as(said).isEqualTo(past);
        }
        run(
                "drop database if exists restored",
                "restore database bank from latest in '" + COLLECTION + "' with new_db_name = 'restored'");
        try (var restored = holdfast.connect("restored")) {
            load.check(restored, end, said);
            assertThat(Sessions.one(restored, "select count(*) from ballast where v = md5(id::text)")).as(said).isEqualTo("150000");
        }
        assertNothingLeft(said);
    }

    /** The job is claimed again within seconds after Holdfast is ready. When PostgreSQL dies its owner goes on with it. */
    private void awaitAdoption(long job, String said) throws Exception {
        long begin = System.nanoTime();
        while (true) {
            var passed = Duration.ofNanos(System.nanoTime() - begin);
            try (var system = holdfast.connect("system")) {
                var row = Sessions.one(system, "select status = 'succeeded' or num_runs > 1 from jobs where id = " + job);
                if ("t".equals(row)) {
                    longestAdoption = longestAdoption.compareTo(passed) > 0 ? longestAdoption : passed;
                    return;
                }
            }
            assertThat(passed).as(said + ": adoption").isLessThan(ADOPTION);
            Thread.sleep(20);
        }
    }

    private void assertNothingLeft(String said) throws Exception {
        var left = leftovers();
        // A reader of a Holdfast that was killed ends when PostgreSQL next has something to tell it.
        for (int i = 0; i < 100 && !left.isEmpty(); i++) {
            Thread.sleep(100);
            left = leftovers();
        }
        assertThat(left).as(said).isEmpty();
    }

    private List<String> leftovers() throws Exception {
        var left = new ArrayList<>(Leftovers.inServer(holdfast::connect));
        left.addAll(Leftovers.inCollections(holdfast.extern()));
        try (var connection = holdfast.connect("postgres")) {
            Sessions.rows(connection, "select slot_name from pg_replication_slots where temporary")
                    .forEach(slot -> left.add("slot " + slot));
        }
        var temporary = holdfast.store().resolve("tmp");
        if (Files.isDirectory(temporary)) {
            try (var files = Files.list(temporary)) {
                files.forEach(file -> left.add("file " + file));
            }
        }
        return left;
    }

    // ---- through Holdfast ----

    private void run(String... statements) throws SQLException {
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, statements);
        }
    }

    private String one(String statement) throws SQLException {
        try (var connection = holdfast.connect("postgres")) {
            return Sessions.one(connection, statement);
        }
    }

    private Instant now() throws SQLException {
        try (var connection = holdfast.connect("postgres")) {
            return Sessions.now(connection);
        }
    }

    private String status(long job) throws SQLException {
        try (var connection = holdfast.connect("system")) {
            return Sessions.one(connection, "select status from jobs where id = " + job);
        }
    }

    private String end(long job) throws Exception {
        var status = "";
        for (long deadline = System.nanoTime() + 90_000_000_000L; System.nanoTime() < deadline; Thread.sleep(50)) {
            try {
                status = status(job);
                if (List.of("succeeded", "failed", "canceled", "revert-failed", "paused").contains(status)) {
                    return status;
                }
            } catch (SQLException e) {
                // PostgreSQL is not back yet: the job's row will be there when it is.
            }
        }
        return status;
    }

    private String story(long job) throws Exception {
        try (var connection = holdfast.connect("system")) {
            return " " + Sessions.rows(connection, "select status, error, execution_errors, num_runs from jobs where id = " + job);
        }
    }

    private Instant endOfLatest() throws SQLException {
        Instant end = Instant.MIN;
        try (var connection = holdfast.connect("postgres");
                var statement = connection.createStatement();
                var result = statement.executeQuery("show backup from latest in '" + COLLECTION + "'")) {
            while (result.next()) {
                if ("database".equals(result.getString("object_type"))) {
                    var layer = result.getTimestamp("end_time").toLocalDateTime().toInstant(ZoneOffset.UTC);
                    end = layer.isAfter(end) ? layer : end;
                }
            }
        }
        return end;
    }
}
