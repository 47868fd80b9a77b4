package dev.holdfast.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.it.storage.server.S3Server;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestCertificate;
import dev.holdfast.it.support.TestHoldfast;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What encryption costs, and what S3 costs against node-local storage: in turns, so that a noisy machine is noisy for all. */
@Tag("bench")
class StorageBench {
    private static final int SCALE = BenchServers.number("HOLDFAST_BENCH_SCALE", 50);
    private static final int ROUNDS = BenchServers.number("HOLDFAST_BENCH_ROUNDS", 5);
    private static final String ENCRYPTED = ", encryption_passphrase = 'correct horse'";

    private static Path scratch;
    private static S3Server s3;
    private static TestHoldfast holdfast;
    private static Connection connection;

    private record Way(String name, String place, String option) {}

    @BeforeAll
    static void start() throws Exception {
        scratch = Files.createTempDirectory("holdfast-bench-");
        var buckets = Files.createDirectories(scratch.resolve("s3"));
        s3 = S3Server.start(TestCertificate.create(scratch), new FilesystemNio2BlobStore(buckets.toString()));
        holdfast = TestHoldfast.start();
        connection = holdfast.connect("defaultdb");
        Sessions.execute(connection, "create database bench");
        try (var bench = holdfast.connect("bench")) {
            Sessions.execute(
                    bench,
                    "create table accounts as select i as id, i % 97 as branch, md5(i::text) as note, md5((i / 3)::text) as other,"
                            + " (i * 7.0001)::numeric(12, 4) as amount from generate_series(1, " + SCALE * 40_000 + ") i",
                    "checkpoint");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        holdfast.close();
        s3.close();
        Directories.deleteRecursively(scratch);
    }

    @Test
    void inTurns() throws Exception {
        var s3Place = "s3://bucket/{path}?" + S3Server.parameters("http://127.0.0.1:" + s3.port());
        var ways = List.of(
                new Way("nodelocal", "nodelocal://1/{path}", ""),
                new Way("nodelocal, encrypted", "nodelocal://1/{path}", ENCRYPTED),
                new Way("s3", s3Place, ""),
                new Way("s3, encrypted", s3Place, ENCRYPTED));
        var backups = ways.stream().map(way -> new Measured("backup, " + way.name())).toList();
        var restores = ways.stream().map(way -> new Measured("restore, " + way.name())).toList();
        // The first round warms everything up and does not count.
        for (int round = 0; round <= ROUNDS; round++) {
            for (int i = 0; i < ways.size(); i++) {
                var way = ways.get(i);
                var place = way.place().replace("{path}", "round" + round + (way.option().isEmpty() ? "" : "encrypted"));
                var backup = measure("BACKUP DATABASE bench INTO '" + place + "' WITH detached = false" + way.option());
                var restore = measure("RESTORE DATABASE bench FROM LATEST IN '" + place + "' WITH new_db_name = restored" + way.option());
                Sessions.execute(connection, "drop database restored with (force)");
                if (round > 0) {
                    backups.get(i).add(backup);
                    restores.get(i).add(restore);
                }
            }
        }
        System.out.println(Sessions.one(connection, "select pg_size_pretty(pg_database_size('bench'))") + ", medians of " + ROUNDS + " rounds");
        for (var measured : List.of(backups, restores)) {
            for (var way : measured) {
                System.out.printf(
                        "%-32s %6.2f s, Holdfast's cpu %6.2f s%n",
                        way.name(), way.median(Measured.Round::seconds), way.median(Measured.Round::cpu));
            }
        }
    }

    private static Measured.Round measure(String sql) throws Exception {
        double cpu = Measured.cpuOf(holdfast.pid());
        long begin = System.nanoTime();
        assertThat(Sessions.rows(connection, sql).getFirst()).contains("|succeeded|");
        double seconds = (System.nanoTime() - begin) / 1e9;
        return new Measured.Round(seconds, Measured.cpuOf(holdfast.pid()) - cpu, 0);
    }
}
