package dev.holdfast.it.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.engine.cluster.embedded.Directories;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What time travel costs: an increment beside a bare reader of the same changes and beside pgBackRest's, a full backup of the past
 * beside one of now, and pgbench with and without history. HOLDFAST_BENCH_ROWS is the size of the large table (20 million).
 */
@Tag("bench")
class HistoryBench {
    private static final int ROWS = BenchServers.number("HOLDFAST_BENCH_ROWS", 20_000_000);
    private static final int ROUNDS = BenchServers.number("HOLDFAST_BENCH_ROUNDS", 3);
    private static final int CHANGES = 100_000;

    private static BenchServers servers;
    private static int place;

    @BeforeAll
    static void start() throws Exception {
        servers = BenchServers.start(Map.of("max_slot_wal_keep_size", "40GB"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (servers != null) {
            servers.close();
        }
    }

    private static void create(String database, int rows) throws SQLException {
        servers.execute("postgres", "create database " + database);
        servers.execute(
                database,
                "create table t (id int primary key, a int not null, v text not null)",
                "insert into t select i, 0, md5(i::text) || md5((i / 3)::text) from generate_series(1, " + rows + ") i",
                "vacuum analyze t",
                "checkpoint");
        servers.execute("postgres", "alter database " + database + " configure zone using history = on");
    }

    private static void change(String database, int rows, int count) throws SQLException {
        servers.execute(
                database,
                "update t set a = a + 1 where id in (select 1 + (random() * " + (rows - 1) + ")::int from generate_series(1, " + count + "))");
    }

    private static double backUp(String rest) throws SQLException {
        return servers.run("postgres", "backup database " + rest);
    }

    // ---- increments ----

    private static void increments(String database, int rows) throws Exception {
        create(database, rows);
        var full = new Measured("full");
        var ours = new Measured("increment");
        var bare = new Measured("pg_recvlogical");
        var physical = new Measured("pgbackrest incr");
        var directory = servers.directory(database);
        var collection = "'nodelocal://1/" + database + "'";
        servers.measure(full, directory, () -> backUp(database + " into " + collection));
        var pgBackRest = PgBackRest.find(servers.postgres(), servers.scratch());
        if (pgBackRest.isPresent()) {
            pgBackRest.get().full();
        }
        servers.one(database, "select pg_create_logical_replication_slot('bench', 'test_decoding')");
        for (int round = 0; round < ROUNDS; round++) {
            change(database, rows, CHANGES);
            long before = Measured.sizeOf(directory);
            servers.measure(ours, directory.resolve("incrementals"), () -> backUp(database + " into latest in " + collection));
            var end = servers.one(database, "select pg_current_wal_lsn()");
            servers.measure(bare, servers.scratch().resolve("none"), () -> Programs.run(servers.scratch(), receiver(database, end)));
            if (pgBackRest.isPresent()) {
                servers.measure(physical, pgBackRest.get().repository(), () -> pgBackRest.get().incremental());
            }
            System.out.printf("  of %,d changes of %,d rows: %,d bytes%n", CHANGES, rows, Measured.sizeOf(directory) - before);
        }
        servers.one(database, "select pg_drop_replication_slot('bench')");
        Measured.report("Increment, " + CHANGES + " random changes of " + rows + " rows", ours, List.of(bare, physical, full));
        double allowed = 1.5 * bare.median(Measured.Round::seconds) + 1;
        System.out.printf(
                "an increment took %.2f s, 1.5 times the bare reader plus a second are %.2f s%n",
                ours.median(Measured.Round::seconds),
                allowed);
        change(database, rows, rows / 100);
        long before = Measured.sizeOf(directory);
        backUp(database + " into latest in " + collection);
        System.out.printf(
                "after a change of 1 %% of the rows the increment has %.2f %% of the full's bytes%n",
                100.0 * (Measured.sizeOf(directory) - before) / full.median(Measured.Round::bytes));
        servers.execute("postgres", "alter database " + database + " configure zone using history = off", "drop database " + database);
        Directories.deleteRecursively(directory);
    }

    private static List<String> receiver(String database, String end) {
        return servers.program(
                "pg_recvlogical",
                database,
                List.of("--slot=bench", "--start", "--endpos=" + end, "--file=/dev/null", "--no-loop"));
    }

    @Test
    void incrementsOfASmallTable() throws Exception {
        increments("small", 1_000_000);
    }

    @Test
    void incrementsOfALargeTable() throws Exception {
        increments("large", ROWS);
    }

    // ---- the past ----

    @Test
    void fullBackupOfThePast() throws Exception {
        int rows = Math.min(ROWS, 5_000_000);
        create("past", rows);
        backUp("past into 'nodelocal://1/past'");
        var now = new Measured("full of now");
        var past = new Measured("full AS OF '-10s'");
        for (int round = 0; round < ROUNDS; round++) {
            change("past", rows, CHANGES);
            // So far back that nobody has to read it again.
            Thread.sleep(20_000);
            change("past", rows, 1000);
            var name = "past" + ++place;
            servers.measure(now, servers.directory(name), () -> backUp("past into 'nodelocal://1/" + name + "'"));
            servers.measure(past, servers.directory(name + "p"), () -> backUp("past into 'nodelocal://1/" + name + "p' as of system time '-10s'"));
            Directories.deleteRecursively(servers.directory(name));
            Directories.deleteRecursively(servers.directory(name + "p"));
        }
        Measured.report("Full backup of the past, " + rows + " rows", past, List.of(now));
        servers.execute("postgres", "alter database past configure zone using history = off", "drop database past");
    }

    // ---- what everybody pays ----

    private record Load(double tps, double walPerTransaction) {}

    private static Load pgbench(String database) throws Exception {
        var pgbench = Path.of("/usr/bin/pgbench");
        assumeTrue(Files.isExecutable(pgbench), "there is no pgbench");
        var begin = servers.one(database, "select pg_current_wal_lsn()");
        var output = Files.createTempFile(servers.scratch(), "pgbench", ".out");
        Programs.run(servers.scratch(), List.of(
                "bash", "-c",
                pgbench + " -h " + servers.postgres().socketDirectory() + " -p " + servers.postgres().port() + " -U postgres -n -c 4 -j 2 -T 10 " + database + " > "
                        + output));
        double wal = Double.parseDouble(servers.one(database, "select pg_wal_lsn_diff(pg_current_wal_lsn(), '" + begin + "')"));
        var text = Files.readString(output);
        var tps = Pattern.compile("tps = ([0-9.]+)").matcher(text);
        var count = Pattern.compile("actually processed: (\\d+)").matcher(text);
        assertThat(tps.find() && count.find()).as(text).isTrue();
        return new Load(Double.parseDouble(tps.group(1)), wal / Long.parseLong(count.group(1)));
    }

    private static double median(List<Load> loads, ToDoubleFunction<Load> what) {
        var sorted = loads.stream().mapToDouble(what).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static void costOfHistory(String title, String... afterwards) throws Exception {
        for (var database : List.of("without", "with_history")) {
            servers.execute("postgres", "create database " + database);
            Programs.run(servers.scratch(), List.of(
                    "/usr/bin/pgbench", "-h", servers.postgres().socketDirectory().toString(), "-p", "" + servers.postgres().port(), "-U", "postgres", "-i", "-q",
                    "-s", "10", database));
            servers.execute(database, afterwards);
            servers.execute(database, "vacuum analyze");
        }
        servers.execute("postgres", "alter database with_history configure zone using history = on");
        var without = new ArrayList<Load>();
        var with = new ArrayList<Load>();
        for (int round = 0; round < ROUNDS; round++) {
            servers.execute("postgres", "checkpoint");
            without.add(pgbench("without"));
            servers.execute("postgres", "checkpoint");
            with.add(pgbench("with_history"));
        }
        System.out.printf(
                "%n%s: with history %.3f of the transactions per second (%.0f, %.0f), %.2f times the log per transaction (%.0f, %.0f bytes)%n",
                title,
                median(with, Load::tps) / median(without, Load::tps),
                median(with, Load::tps),
                median(without, Load::tps),
                median(with, Load::walPerTransaction) / median(without, Load::walPerTransaction),
                median(with, Load::walPerTransaction),
                median(without, Load::walPerTransaction));
        servers.execute(
                "postgres",
                "alter database with_history configure zone using history = off",
                "drop database with_history",
                "drop database without");
    }

    @Test
    void costOfHistory() throws Exception {
        costOfHistory("TPC-B");
        costOfHistory(
                "TPC-B, accounts with a stored column of 4 kB",
                "alter table pgbench_accounts add big text",
                "alter table pgbench_accounts alter big set storage external",
                "update pgbench_accounts set big = repeat(md5(aid::text), 125) where aid <= 50000",
                "vacuum full pgbench_accounts");
    }
}
