package dev.holdfast.it.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import dev.holdfast.it.support.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Memory: that of thousands of idle sessions, and of clients and upstreams that take nothing. */
class CapacityIT {
    private static final long MB = 1 << 20;

    /** What may come and go in a JVM that does something; far less than what a queue without a limit would take. */
    private static final long SLACK = 96 * MB;

    private static TestPostgres postgres;
    private static StandIn standIn;
    private static TestHoldfast holdfast;

    @BeforeAll
    static void start() throws Exception {
        postgres = TestPostgres.start(15);
        postgres.authenticateBy("local all all trust", "host all all 127.0.0.1/32 trust");
        standIn = new StandIn(postgres.port());
        holdfast = TestHoldfast.configured(
                "", "postgres", "--insecure", "--upstream", "postgresql://postgres@127.0.0.1:" + standIn.port() + "/postgres?sslmode=disable");
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
        standIn.close();
        postgres.close();
    }

    @Test
    void idleSessionsTakeLittle() throws Exception {
        idle(1_000);
    }

    @Test
    @Tag("bench")
    void thousandsOfIdleSessionsFitIntoAGigabyte() throws Exception {
        idle(9_500);
    }

    private static void idle(int count) throws Exception {
        var clients = new ArrayList<WireClient>();
        try {
            for (int i = 0; i < count; i++) {
                clients.add(WireClient.connect(WireClient.tcp(holdfast.port()), "somebody", StandIn.DATABASE));
                clients.getLast().simple("select 1");
            }
            holdfast.collectGarbage();
            long memory = holdfast.residentMemory();
            System.out.println(count + " idle sessions: " + memory / MB + " MB");
            assertThat(memory).isLessThan(1024 * MB);
            for (var client : clients) {
                assertThat(client.simple("select 1")).containsExactly("empty query", "ready I");
            }
        } finally {
            for (var client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aClientThatDoesNotReadDoesNotFillMemory() throws Exception {
        stall(300_000);
    }

    @Test
    @Tag("bench")
    void aClientThatDoesNotReadAHugeResultDoesNotFillMemory() throws Exception {
        stall(5_000_000);
    }

    /** A result of so many kB: not read for a while, then read. */
    private static void stall(int kilobytes) throws Exception {
        try (var client = WireClient.open(WireClient.tcp(holdfast.port()))) {
            client.startup(Map.of("user", "postgres")).flush().untilReady();
            client.simple("select 1");
            holdfast.collectGarbage();
            long before = holdfast.residentMemory();
            client.query("select repeat('x', 1000) from generate_series(1, " + kilobytes + ")").flush();
            long most = 0;
            for (int i = 0; i < 20; i++) {
                Thread.sleep(100);
                most = Math.max(most, holdfast.residentMemory());
            }
            try (var watcher = postgres.upstream().connect("postgres", "test")) {
                assertThat(Sessions.rows(watcher, "select wait_event from pg_stat_activity where query like '%generate_series(1, "
                                + kilobytes + "%' and pid <> pg_backend_pid()"))
                        .containsExactly("ClientWrite");
            }
            int rows = 0;
            for (var message = client.read(); message.type() != 'Z'; message = client.read()) {
                rows += message.type() == 'D' ? 1 : 0;
                if (rows % 50_000 == 0) {
                    most = Math.max(most, holdfast.residentMemory());
                }
            }
            assertThat(rows).isEqualTo(kilobytes);
            System.out.println("a stalled result of " + kilobytes + " kB: " + before / MB + " MB before, " + most / MB + " MB at most");
            assertThat(most - before).isLessThan(SLACK);
        }
    }

    /** It has said its last word, and reads late: nothing of what it has asked for is lost. */
    @Test
    void aClientThatSaysNoMoreAndReadsLateGetsEverything() throws Exception {
        for (int i = 0; i < 3; i++) {
            try (var client = WireClient.connect(WireClient.tcp(holdfast.port()), "postgres", "postgres")) {
                client.query("select repeat('x', 1000) from generate_series(1, 30000)").flush().shutdownOutput();
                Thread.sleep(300);
                int rows = 0;
                for (var message = client.read(); message.type() != 'Z'; message = client.read()) {
                    rows += message.type() == 'D' ? 1 : 0;
                }
                assertThat(rows).isEqualTo(30_000);
            }
        }
    }

    /** The upstream waits for a lock, and the client sends and sends. */
    @Test
    void anUpstreamThatDoesNotReadDoesNotFillMemory() throws Exception {
        try (var blocker = postgres.upstream().connect("postgres", "test");
                var client = WireClient.connect(WireClient.tcp(holdfast.port()), "postgres", "postgres")) {
            Sessions.execute(blocker, "select pg_advisory_lock(7)");
            client.query("select pg_advisory_lock(7)").flush();
            holdfast.collectGarbage();
            long before = holdfast.residentMemory();
            long sent = flood(client, Duration.ofSeconds(2));
            long after = holdfast.residentMemory();
            System.out.println("a stalled upstream took " + sent / MB + " MB; memory " + before / MB + " MB, then " + after / MB + " MB");
            assertThat(sent).isLessThan(SLACK);
            assertThat(after - before).isLessThan(SLACK);
            Sessions.execute(blocker, "select pg_advisory_unlock(7)");
        }
    }

    /** Queries without end, until nothing is taken any more for so long. */
    private static long flood(WireClient client, Duration quiet) throws IOException {
        var queries = client.query("select 1 -- " + "x".repeat(1000)).takeWritten();
        long sent = 0;
        while (sent < 200 * MB) {
            int taken = client.offer(queries, (int) (sent % queries.length), quiet);
            if (taken == 0) {
                break;
            }
            sent += taken;
        }
        return sent;
    }
}
