package dev.holdfast.it.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.it.support.Program;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import dev.holdfast.it.support.WireClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Replication connections, physical and logical: COPY in both directions at once. */
class ReplicationIT {
    private static TestPostgres postgres;
    private static TestHoldfast holdfast;

    @BeforeAll
    static void start() throws Exception {
        postgres = TestPostgres.start(15);
        postgres.authenticateBy(
                "local all all trust",
                "local replication all trust",
                "host all all 127.0.0.1/32 trust",
                "host replication all 127.0.0.1/32 trust");
        holdfast = TestHoldfast.inFrontOf(postgres);
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
        postgres.close();
    }

    private static String[] arguments(String... more) {
        var all = new String[more.length + 3];
        all[0] = "--host=127.0.0.1";
        all[1] = "--port=" + holdfast.port();
        all[2] = "--username=postgres";
        System.arraycopy(more, 0, all, 3, more.length);
        return all;
    }

    /** The WAL streamed beside it by a second replication connection. */
    @Test
    void aBaseBackupIsWhole() throws Exception {
        var basebackup = Program.require("pg_basebackup");
        var verify = Program.require("pg_verifybackup");
        var directory = Files.createTempDirectory("holdfast-it-");
        try {
            var target = directory.resolve("base").toString();
            assertThat(basebackup.run(arguments("--pgdata=" + target, "--checkpoint=fast", "--wal-method=stream")))
                    .isEqualTo(new Program.Outcome(0, ""));
            // The WAL is not parsed: pg_waldump has to be of the server's very version for that.
            assertThat(verify.run("--no-parse-wal", target)).isEqualTo(new Program.Outcome(0, "backup successfully verified\n"));
        } finally {
            Directories.deleteRecursively(directory);
        }
    }

    @Test
    void logicalChangesArrive() throws Exception {
        var recvlogical = Program.require("pg_recvlogical");
        try (var connection = postgres.upstream().connect("postgres", "test")) {
            Sessions.execute(connection, "create table public.changes (a int)");
            assertThat(recvlogical.run(arguments("--dbname=postgres", "--slot=relay", "--create-slot", "--plugin=test_decoding")))
                    .isEqualTo(new Program.Outcome(0, ""));
            Sessions.execute(connection, "insert into public.changes select generate_series(1, 5000)");
            var end = Sessions.one(connection, "select pg_current_wal_insert_lsn()");
            Sessions.execute(connection, "insert into public.changes values (1)");
            var file = Files.createTempFile("changes", ".txt");
            try {
                var outcome = recvlogical.run(arguments(
                        "--dbname=postgres", "--slot=relay", "--start", "--endpos=" + end, "--file=" + file, "--no-loop"));
                assertThat(outcome).isEqualTo(new Program.Outcome(0, ""));
                assertThat(Files.readAllLines(file)).filteredOn(line -> line.startsWith("table public.changes: INSERT")).hasSize(5000);
            } finally {
                Files.delete(file);
            }
            assertThat(recvlogical.run(arguments("--dbname=postgres", "--slot=relay", "--drop-slot")))
                    .isEqualTo(new Program.Outcome(0, ""));
        }
    }

    /** Both sides talk at the same time, and the client's CopyDone ends it. */
    @Test
    void copyInBothDirections() throws Exception {
        try (var client = WireClient.open(WireClient.tcp(holdfast.port()));
                var writer = postgres.upstream().connect("postgres", "test")) {
            client.startup(Conversation.with(Map.of("database", "postgres", "replication", "database"))).flush().untilReady();
            client.simple("CREATE_REPLICATION_SLOT both TEMPORARY LOGICAL test_decoding");
            client.query("START_REPLICATION SLOT both LOGICAL 0/0 (\"skip-empty-xacts\" 'on')").flush().until('W');
            for (int i = 0; i < 20; i++) {
                status(client);
                Sessions.execute(writer, "select pg_logical_emit_message(true, 'relay', 'message " + i + "')");
                while (!new String(client.until('d').getLast().body(), StandardCharsets.UTF_8).contains("message " + i)) {
                    status(client);
                }
            }
            client.message('c').flush();
            assertThat(WireClient.lines(client.untilReady())).contains("copied", "ready I");
            assertThat(client.simple("SELECT 1")).contains("row [1]");
        }
    }

    /** Standby status update: 'r', written, flushed and applied position, clock, no answer wanted. */
    private static void status(WireClient client) throws IOException {
        client.message('d', ByteBuffer.allocate(34).put((byte) 'r').putLong(1).putLong(1).putLong(1).putLong(0).put((byte) 0).array())
                .flush();
    }

    /** A standby that is stopped by its operator says goodbye in the middle of the stream. */
    @Test
    void aReceiverThatIsInterruptedLeavesNothingBehind() throws Exception {
        var recvlogical = Program.require("pg_recvlogical");
        var output = Files.createTempFile("receiver", ".txt");
        try (var connection = postgres.upstream().connect("postgres", "test")) {
            recvlogical.run(arguments("--dbname=postgres", "--slot=interrupted", "--create-slot", "--plugin=test_decoding"));
            var process = recvlogical.start(
                    output, arguments("--dbname=postgres", "--slot=interrupted", "--start", "--file=-", "--no-loop"));
            waitFor(() -> Sessions.rows(connection, "select from pg_replication_slots where slot_name = 'interrupted' and active").size() == 1);
            process.destroy();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            waitFor(() -> Sessions.rows(connection, "select from pg_replication_slots where active").isEmpty());
            Sessions.execute(connection, "select pg_drop_replication_slot('interrupted')");
        } finally {
            Files.delete(output);
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void waitFor(Condition condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(50);
        }
    }
}
