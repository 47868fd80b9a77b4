package dev.holdfast.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.it.support.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Full backup and restore beside pg_dump, pg_restore and pgBackRest (where they are installed), of the same server in the same
 * run, in turns, so that a noisy machine is noisy for all of them. HOLDFAST_BENCH_SCALE is pgbench's scale (50: 5 million
 * accounts and a table of 3 million mixed rows), HOLDFAST_BENCH_ROUNDS how often.
 */
@Tag("bench")
class BackupBench {
    private static final int SCALE = BenchServers.number("HOLDFAST_BENCH_SCALE", 50);
    private static final int ROUNDS = BenchServers.number("HOLDFAST_BENCH_ROUNDS", 5);
    private static final String PGBENCH_TABLES = "pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history";

    private static BenchServers servers;
    private static int place;

    @BeforeAll
    static void start() throws Exception {
        servers = BenchServers.start(Map.of("maintenance_work_mem", "256MB"));
        fill();
    }

    @AfterAll
    static void stop() throws Exception {
        if (servers != null) {
            servers.close();
        }
    }

    private static void fill() throws SQLException {
        System.out.printf("filling: scale %d%n", SCALE);
        servers.execute("postgres", "create database bench");
        servers.execute(
                "bench",
                "create table pgbench_branches (bid int primary key, bbalance int, filler char(88))",
                "create table pgbench_tellers (tid int primary key, bid int, tbalance int, filler char(84))",
                "create table pgbench_accounts (aid int not null, bid int, abalance int, filler char(84))",
                "create table pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22))",
                "insert into pgbench_branches select i, 0 from generate_series(1, " + SCALE + ") i",
                "insert into pgbench_tellers select i, (i - 1) / 10 + 1, 0 from generate_series(1, " + SCALE * 10 + ") i",
                "insert into pgbench_accounts select i, (i - 1) / 100000 + 1, 0, '' from generate_series(1, " + SCALE * 100_000 + ") i",
                "alter table pgbench_accounts add primary key (aid)",
                """
                create table mixed as select i as id, (i * 7.0001)::numeric(12, 4) as amount,
                    md5(i::text)::uuid as token,
                    jsonb_build_object('user', i % 5000, 'tags', array['a', 'b' || i % 7], 'at', md5((i / 3)::text)) as document,
                    'customer ' || i % 10000 || ' ' || md5((i % 1000)::text) as note
                from generate_series(1, ROWS) i
                """
                        .replace("ROWS", Integer.toString(SCALE * 60_000)),
                "alter table mixed add primary key (id)",
                "create index on mixed (token)",
                "vacuum analyze",
                "checkpoint");
    }

    private static List<String> dump(Path target, String compression, String... tables) {
        var more = new ArrayList<>(List.of("--format=directory", "--jobs=2", "--file=" + target));
        if (!compression.isEmpty()) {
            more.add("-Z" + compression);
        }
        more.addAll(List.of(tables));
        return servers.program("pg_dump", "bench", more);
    }

    private record Place(String uri, Path directory) {}

    private static Place newPlace() {
        var name = "bench" + ++place;
        return new Place("nodelocal://1/" + name, servers.directory(name));
    }

    // ---- the benchmarks ----

    @Test
    void fullBackupOfEverything() throws Exception {
        var ours = new Measured("BACKUP DATABASE");
        var byDefault = new Measured("pg_dump -Fd -j2");
        var fast = new Measured("pg_dump -Fd -j2 -Z1");
        var plain = new Measured("pg_dump -Fd -j2 -Z0");
        var physical = new Measured("pgbackrest backup");
        var pgBackRest = PgBackRest.find(servers.postgres(), servers.scratch());
        for (int round = 0; round < ROUNDS; round++) {
            var place = newPlace();
            servers.measure(ours, place.directory(), () -> servers.run("bench", "BACKUP DATABASE bench INTO '" + place.uri() + "'"));
            Directories.deleteRecursively(place.directory());
            dumpOnce(byDefault, "");
            dumpOnce(fast, "1");
            dumpOnce(plain, "0");
            if (pgBackRest.isPresent()) {
                servers.measure(physical, pgBackRest.get().repository(), () -> pgBackRest.get().full());
                pgBackRest.get().clear();
            }
        }
        Measured.report("Full backup, scale " + SCALE, ours, List.of(byDefault, fast, plain, physical));
        reportMemory();
    }

    private static void dumpOnce(Measured measured, String compression, String... tables) throws Exception {
        var target = servers.scratch().resolve("dump");
        servers.measure(measured, target, () -> Programs.run(servers.scratch(), dump(target, compression, tables)));
        Directories.deleteRecursively(target);
    }

    @Test
    void fullBackupOfPgbenchAlone() throws Exception {
        var ours = new Measured("BACKUP TABLE pgbench_*");
        var byDefault = new Measured("pg_dump -Fd -j2");
        var fast = new Measured("pg_dump -Fd -j2 -Z1");
        var plain = new Measured("pg_dump -Fd -j2 -Z0");
        for (int round = 0; round < ROUNDS; round++) {
            var place = newPlace();
            servers.measure(ours, place.directory(), () -> servers.run("bench", "BACKUP TABLE " + PGBENCH_TABLES + " INTO '" + place.uri() + "'"));
            Directories.deleteRecursively(place.directory());
            dumpOnce(byDefault, "", "--table=pgbench_*");
            dumpOnce(fast, "1", "--table=pgbench_*");
            dumpOnce(plain, "0", "--table=pgbench_*");
        }
        Measured.report("Full backup of pgbench's tables, scale " + SCALE, ours, List.of(byDefault, fast, plain));
    }

    @Test
    void restoreOfEverything() throws Exception {
        var ours = new Measured("RESTORE DATABASE");
        var theirs = new Measured("pg_restore -j2");
        var place = newPlace();
        servers.run("bench", "BACKUP DATABASE bench INTO '" + place.uri() + "'");
        var dump = servers.scratch().resolve("for-restore");
        Programs.run(servers.scratch(), dump(dump, ""));
        for (int round = 0; round < ROUNDS; round++) {
            servers.measure(
                    ours,
                    place.directory(),
                    () -> servers.run("bench", "RESTORE DATABASE bench FROM LATEST IN '" + place.uri() + "' WITH new_db_name = 'ours'"));
            if (round == 0) {
                assertRestored();
            }
            servers.execute("postgres", "drop database ours", "checkpoint", "create database theirs template template0");
            servers.measure(theirs, dump, () -> Programs.run(servers.scratch(), servers.program("pg_restore", "theirs", List.of("--jobs=2", dump.toString()))));
            servers.execute("postgres", "drop database theirs", "checkpoint");
        }
        Measured.report("Restore, scale " + SCALE + " (ours analyses, pg_restore leaves that to autovacuum)", ours, List.of(theirs));
        Directories.deleteRecursively(place.directory());
        Directories.deleteRecursively(dump);
        reportMemory();
    }

    private static void assertRestored() throws SQLException {
        try (var source = servers.holdfast().connect("bench");
                var copy = servers.holdfast().connect("ours")) {
            assertThat(Rows.of(copy)).isEqualTo(Rows.of(source));
        }
    }

    private static void reportMemory() throws IOException {
        long peak = Measured.peakMemoryOf(servers.holdfast().pid());
        System.out.printf("%nHoldfast's JVM, resident at most: %d MiB (of 512)%n", peak);
        assertThat(peak).isLessThan(512);
    }
}
