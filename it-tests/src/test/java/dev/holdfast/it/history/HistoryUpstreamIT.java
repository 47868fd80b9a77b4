package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.it.support.Program;
import dev.holdfast.it.support.ServerClock;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Histories on somebody else's PostgreSQL: of every version, and whatever becomes of the server. */
class HistoryUpstreamIT {
    private static Connection connect(TestHoldfast holdfast) throws SQLException {
        return holdfast.connect("postgres");
    }

    private static void run(TestHoldfast holdfast, String... statements) throws SQLException {
        try (var connection = connect(holdfast)) {
            Sessions.execute(connection, statements);
        }
    }

    /** Through what stands between: sessions of before have ended. */
    private static void await(TestHoldfast holdfast) throws InterruptedException {
        for (int i = 0; ; i++) {
            try {
                run(holdfast, "select 1");
                // Holdfast's own connections that were in use a moment ago are not looked at before they are used again.
                Thread.sleep(1000);
                return;
            } catch (SQLException e) {
                assertThat(i).as(e.getMessage()).isLessThan(300);
                Thread.sleep(100);
            }
        }
    }

    private static Instant now(TestHoldfast holdfast) throws SQLException {
        try (var connection = connect(holdfast)) {
            return Sessions.now(connection);
        }
    }

    private static Chained chain(TestHoldfast holdfast, String database, String options) throws SQLException {
        var chained = Chained.create(holdfast, database, options);
        run(holdfast, "alter database " + database + " configure zone using history = on");
        return chained;
    }

    // ---- versions ----

    @ParameterizedTest
    @ValueSource(ints = 15)
    void oldest(int version) throws Exception {
        underLoad(version);
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 17, 18})
    @Tag("bench")
    void younger(int version) throws Exception {
        underLoad(version);
    }

    private void underLoad(int version) throws Exception {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        System.out.println("PostgreSQL " + version + ", seed " + seed + " (-Dholdfast.seed)");
        try (var upstream = TestPostgres.start(version);
                var holdfast = TestHoldfast.inFrontOf(upstream)) {
            run(holdfast, "create database bank", "backup database bank into 'nodelocal://1/before'");
            assertThatThrownBy(() -> run(holdfast, "backup database bank into latest in 'nodelocal://1/before'"))
                    .hasMessageContaining("the history of database \"bank\" is not kept")
                    .hasMessageContaining("CONFIGURE ZONE USING history = on");
            run(holdfast, "alter database bank configure zone using history = on");
            try (var load = Load.create(() -> holdfast.connect("bank"), seed, 1, 1)) {
                run(holdfast, "backup database bank into 'nodelocal://1/chain' with revision_history");
                load.start();
                var begin = now(holdfast);
                for (int i = 0; i < 3; i++) {
                    Thread.sleep(800);
                    run(holdfast, "backup database bank into latest in 'nodelocal://1/chain' with revision_history");
                }
                var end = now(holdfast);
                var past = begin.plus(Duration.between(begin, end).dividedBy(2));
                run(holdfast, "backup database bank into 'nodelocal://1/past' as of system time '" + past + "'");
                check(holdfast, load, "restore database bank from latest in 'nodelocal://1/past'", past, seed);
                var between = begin.plusMillis(Math.floorMod(seed, Duration.between(begin, end).toMillis() - 1000));
                check(
                        holdfast,
                        load,
                        "restore database bank from latest in 'nodelocal://1/chain' as of system time '" + between + "'",
                        between,
                        seed);
            }
        }
    }

    private static void check(TestHoldfast holdfast, Load load, String restore, Instant instant, long seed) throws SQLException {
        run(holdfast, "drop database if exists restored", restore + " with new_db_name = 'restored'");
        try (var restored = holdfast.connect("restored")) {
            load.check(restored, instant, "seed " + seed);
        }
    }

    // ---- servers that cannot ----

    @Test
    void walLevelTooLow() throws Exception {
        try (var upstream = TestPostgres.start(15, Map.of("wal_level", "replica"));
                var holdfast = TestHoldfast.inFrontOf(upstream)) {
            var chained = Chained.create(holdfast, "replicated", "");
            assertOnlyNow(chained, "replicated", holdfast, "wal_level");
            chained.checkLast(1);
        }
    }

    @Test
    void noPlugin() throws Exception {
        try (var upstream = TestPostgres.startWithoutPlugin(15);
                var holdfast = TestHoldfast.inFrontOf(upstream)) {
            var chained = Chained.create(holdfast, "unplugged", "");
            assertOnlyNow(chained, "unplugged", holdfast, "test_decoding");
        }
    }

    @Test
    void noRights() throws Exception {
        try (var upstream = TestPostgres.start(15)) {
            try (var connection = upstream.upstream().connect("postgres", "test")) {
                Sessions.execute(
                        connection,
                        "create role weak login createdb createrole password '" + TestPostgres.PASSWORD + "'",
                        "grant pg_read_all_data, pg_monitor to weak");
            }
            var uri = upstream.uri().toSecretString().replace("postgres:" + TestPostgres.PASSWORD, "weak:" + TestPostgres.PASSWORD);
            try (var holdfast = TestHoldfast.start(List.of("--insecure", "--upstream", uri), "postgres")) {
                var chained = Chained.create(holdfast, "unprivileged", "");
                assertOnlyNow(chained, "unprivileged", holdfast, "superuser");
            }
        }
    }

    private static void assertOnlyNow(Chained chained, String database, TestHoldfast holdfast, String reason) throws SQLException {
        assertThatThrownBy(() -> run(holdfast, "alter database " + database + " configure zone using history = on"))
                .hasMessageContaining(reason);
        assertThat(chained.full()).isEmpty();
        assertThatThrownBy(chained::increment).hasMessageContaining(reason);
        assertThatThrownBy(() -> run(
                        holdfast, "backup database " + database + " into 'nodelocal://1/past' as of system time '-1s'"))
                .hasMessageContaining(reason);
        try (var connection = connect(holdfast)) {
            assertThat(Sessions.rows(connection, "show history"))
                    .anyMatch(row -> row.startsWith(database + "|") && row.contains(reason));
        }
    }

    // ---- what may become of a server ----

    @Test
    void standbyPromoted() throws Exception {
        var basebackup = Program.require("pg_basebackup");
        var directory = Files.createTempDirectory("standby-");
        try (var primary = TestPostgres.start(15);
                var holdfast = TestHoldfast.inFrontOf(primary)) {
            var chained = chain(holdfast, "promoted", "revision_history");
            chained.full();
            chained.change(1);
            chained.incrementThatContinues();
            assertThat(basebackup.run(
                            "-h", primary.socketDirectory().toString(), "-p", Integer.toString(primary.port()), "-U", "postgres",
                            "-D", directory.resolve("data").toString(), "-R", "-X", "stream", "-c", "fast"))
                    .isEqualTo(new Program.Outcome(0, ""));
            chained.change(2);
            // What it has not got by now will never have been.
            int port = primary.port();
            primary.stop();
            try (var standby = TestPostgres.standby(15, directory, port)) {
                await(holdfast);
                try (var connection = standby.upstream().connect("postgres", "test")) {
                    Sessions.execute(connection, "select pg_promote()");
                }
                chained.change(3);
                chained.incrementWithNewBases();
                chained.change(4);
                chained.incrementThatContinues();
                chained.checkLast(2);
            }
        }
    }

    /** The files of the server are put back as they were some layers ago, slots included. */
    @Test
    void restoredFromFiles() throws Exception {
        var copy = Files.createTempDirectory("copy-");
        try (var upstream = TestPostgres.start(15);
                var holdfast = TestHoldfast.inFrontOf(upstream)) {
            var chained = chain(holdfast, "put_back", "");
            chained.full();
            chained.change(1);
            chained.incrementThatContinues();
            upstream.stop();
            copy(upstream.data(), copy.resolve("data"));
            upstream.startAgain();
            await(holdfast);
            chained.change(2);
            chained.run("insert into keyless select g, repeat('x', 1000) from generate_series(1, 2000) g");
            chained.incrementThatContinues();
            upstream.stop();
            copy(copy.resolve("data"), upstream.data());
            upstream.startAgain();
            await(holdfast);
            // The log is shorter now than where the last layer ended.
            chained.change(3);
            chained.incrementWithNewBases();
            chained.change(4);
            chained.incrementThatContinues();
            chained.checkLast(2);
        } finally {
            delete(copy);
        }
    }

    /** Commits that were acknowledged before they were on disk, and whose transaction ids are used again. */
    @Test
    void commitsLostInACrash() throws Exception {
        try (var upstream = TestPostgres.start(15, Map.of("wal_writer_delay", "10s"));
                var holdfast = TestHoldfast.inFrontOf(upstream)) {
            var chained = chain(holdfast, "lossy", "revision_history");
            chained.full();
            int lost = 0;
            for (int round = 0; round < 2; round++) {
                chained.change(round);
                chained.incrementThatContinues();
                chained.run("create table if not exists acknowledged (n int)");
                try (var connection = chained.connect()) {
                    Sessions.execute(connection, "set synchronous_commit = off");
                    for (int i = 0; i < 50; i++) {
                        Sessions.execute(
                                connection,
                                "insert into acknowledged values (" + round + ")",
                                "update keyed set v = 'perhaps " + round + "' where id = " + (60 + i % 5));
                    }
                }
                upstream.stopAtOnce();
                upstream.startAgain();
                await(holdfast);
                try (var connection = chained.connect()) {
                    lost += 50 - Integer.parseInt(Sessions.one(connection, "select count(*) from acknowledged where n = " + round));
                }
                chained.change(round + 10);
                chained.increment();
            }
            assertThat(lost).as("acknowledged commits that were lost").isPositive();
            chained.checkLast(2);
        }
    }

    // ---- clocks ----

    @Test
    void clockSetBackAndForth() throws Exception {
        try (var clock = ServerClock.compile();
                var upstream = TestPostgres.start(15, clock);
                var holdfast = TestHoldfast.inFrontOf(upstream)) {
            var chained = chain(holdfast, "clocked", "revision_history");
            chained.full();
            chained.change(1);
            chained.incrementThatContinues();
            var before = now(holdfast);
            chained.change(2);
            clock.set(Duration.ofHours(-1));
            assertThat(Duration.between(now(holdfast), before)).isGreaterThan(Duration.ofMinutes(59));
            chained.change(3);
            assertThatThrownBy(chained::increment).hasMessageContaining("clock").hasMessageContaining("set back");
            assertThatThrownBy(() -> run(
                            holdfast, "backup database clocked into 'nodelocal://1/future' as of system time '" + before + "'"))
                    .hasMessageContaining("in the future");
            var second = chained.another("back");
            second.full();
            second.change(4);
            Thread.sleep(6000);
            second.incrementThatContinues();
            var between = now(holdfast);
            second.change(5);
            run(holdfast, "backup database clocked into 'nodelocal://1/then' as of system time '" + between + "'");
            assertThat(second.restored("nodelocal://1/then")).isEqualTo(second.lastHeld());
            second.incrementThatContinues();
            clock.set(Duration.ZERO);
            chained.change(6);
            chained.incrementThatContinues();
            second.change(7);
            second.incrementThatContinues();
            chained.checkLast(2);
            second.checkLast(2);
        }
    }

    // ---- files ----

    private static void copy(Path from, Path to) throws IOException {
        delete(to);
        try (var files = Files.walk(from)) {
            for (var file : (Iterable<Path>) files::iterator) {
                Files.copy(
                        file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        Directories.deleteRecursively(directory);
    }
}
