package dev.holdfast.it.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.it.support.PostgresClient;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A PostgreSQL 15 with Holdfast in front of it, and the programs of that version, which are measured on the same server. */
final class BenchServers implements AutoCloseable {
    private final PostgresClient client;
    private final TestPostgres postgres;
    private final TestHoldfast holdfast;
    private final Path scratch;

    private BenchServers(PostgresClient client, TestPostgres postgres, TestHoldfast holdfast, Path scratch) {
        this.client = client;
        this.postgres = postgres;
        this.holdfast = holdfast;
        this.scratch = scratch;
    }

    static BenchServers start(Map<String, String> moreSettings) throws Exception {
        var client = PostgresClient.exactly(15);
        assumeTrue(client.isPresent(), "there are no programs of PostgreSQL 15 to compare with");
        var settings = new HashMap<>(Map.of("fsync", "on", "shared_buffers", "1GB", "max_wal_size", "8GB"));
        settings.putAll(moreSettings);
        var postgres = TestPostgres.start(15, settings);
        return new BenchServers(
                client.get(), postgres, TestHoldfast.inFrontOf(postgres), Files.createTempDirectory("holdfast-bench-"));
    }

    /** The size of a benchmark, unless the environment says another one. */
    static int number(String variable, int otherwise) {
        var value = System.getenv(variable);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    TestPostgres postgres() {
        return postgres;
    }

    TestHoldfast holdfast() {
        return holdfast;
    }

    Path scratch() {
        return scratch;
    }

    /** Where {@code nodelocal://1/name} is. */
    Path directory(String name) {
        return holdfast.extern().resolve(name);
    }

    // ---- statements and programs ----

    void execute(String database, String... statements) throws SQLException {
        try (var connection = holdfast.connect(database)) {
            Sessions.execute(connection, statements);
        }
    }

    String one(String database, String sql) throws SQLException {
        try (var connection = holdfast.connect(database)) {
            return Sessions.one(connection, sql);
        }
    }

    /** A BACKUP or a RESTORE; it has no program of its own whose CPU time would count. */
    double run(String database, String sql) throws SQLException {
        try (var connection = holdfast.connect(database)) {
            assertThat(Sessions.rows(connection, sql).getFirst()).contains("|succeeded|");
        }
        return 0;
    }

    /** The command line of one of PostgreSQL's programs, straight to the server. */
    List<String> program(String name, String database, List<String> more) {
        var command = new ArrayList<>(List.of(
                client.program(name).toString(),
                "--host=127.0.0.1",
                "--port=" + postgres.port(),
                "--username=postgres",
                "--dbname=" + database));
        command.addAll(more);
        return command;
    }

    // ---- one measurement ----

    @FunctionalInterface
    interface Work {
        /** Returns the CPU seconds that a program of its own used. */
        double run() throws Exception;
    }

    /** The server's share of the CPU is that of its processes that have ended, so it is read when they have. */
    void measure(Measured measured, Path result, Work work) throws Exception {
        double cpu = cpu();
        long begin = System.nanoTime();
        double own = work.run();
        double seconds = (System.nanoTime() - begin) / 1e9;
        Thread.sleep(300);
        measured.add(new Measured.Round(seconds, cpu() - cpu + own, Measured.sizeOf(result)));
    }

    private double cpu() throws IOException {
        long server = postgres.server().postmaster().orElseThrow().pid();
        return Measured.cpuOf(server) + Measured.cpuOf(holdfast.pid());
    }

    @Override
    public void close() throws Exception {
        holdfast.close();
        postgres.close();
        Directories.deleteRecursively(scratch);
    }
}
