package dev.holdfast.it.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cancel requests: they reach what runs, ours or the upstream's, and never anything else. */
class CancelIT {
    private static final int PROTOCOL_3_2 = 3 << 16 | 2;
    private static final String CANCELED = "error 57014 canceling statement due to user request";
    private static TestHoldfast holdfast;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, "create database slow");
        }
        try (var connection = holdfast.connect("slow")) {
            Sessions.execute(connection, "create table waits (a int)");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    /** A session and what cancels it. */
    private record Cancellable(WireClient client, byte[] key) implements AutoCloseable {
        static Cancellable connect(int version) throws IOException {
            var client = WireClient.open(WireClient.tcp(holdfast.port()));
            client.startup(version, Map.of("user", "root", "database", "slow")).flush();
            var key = client.untilReady().stream().filter(message -> message.type() == 'K').findFirst().orElseThrow().body();
            return new Cancellable(client, key);
        }

        /** Returns when the server has closed, as libpq does. */
        void cancel() throws IOException {
            request(key);
        }

        static void request(byte[] key) throws IOException {
            try (var canceller = WireClient.open(WireClient.tcp(holdfast.port()))) {
                canceller.raw(WireClient.int32(key.length + 8, 80877102)).raw(key).flush();
                canceller.untilClosed();
            }
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {WireClient.PROTOCOL_3_0, PROTOCOL_3_2})
    void aStatementOfTheUpstreamIsCancelled(int version) throws Exception {
        try (var session = Cancellable.connect(version)) {
            assertThat(session.key()).hasSize(version == PROTOCOL_3_2 ? 36 : 8);
            session.client().query("select pg_sleep(60)").flush();
            Thread.sleep(200);
            session.cancel();
            assertThat(WireClient.lines(session.client().untilReady())).contains(CANCELED, "ready I");
            assertThat(session.client().simple("select 1")).contains("row [1]");
        }
    }

    @Test
    void aGuessedKeyCancelsNothing() throws Exception {
        try (var session = Cancellable.connect(PROTOCOL_3_2)) {
            session.client().query("select pg_sleep(1), 'slept'").flush();
            var random = new Random(1);
            for (int i = 0; i < 50; i++) {
                var guess = session.key().clone();
                guess[4 + random.nextInt(guess.length - 4)] ^= (byte) (1 << random.nextInt(8));
                Cancellable.request(guess);
            }
            var shortened = Arrays.copyOf(session.key(), 8);
            Cancellable.request(shortened);
            Cancellable.request(Arrays.copyOf(session.key(), 300));
            assertThat(WireClient.lines(session.client().untilReady())).contains("row [, slept]");
        }
    }

    /** The waiting ends, in both protocols; the job goes on, and ends when what it waited for is there. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStatementOfOursIsCancelledAndItsJobGoesOn(boolean extended) throws Exception {
        var place = "nodelocal://1/cancelled-" + extended;
        try (var blocker = holdfast.connect("slow");
                var session = Cancellable.connect(PROTOCOL_3_2)) {
            blocker.setAutoCommit(false);
            Sessions.execute(blocker, "lock table waits in access exclusive mode");
            var sql = "BACKUP DATABASE slow INTO '" + place + "'";
            if (extended) {
                session.client().parse("", sql).bind("", "").execute("", 0).sync().flush();
            } else {
                session.client().query(sql).flush();
            }
            try (var watcher = holdfast.connect("system")) {
                long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
                while (Sessions.rows(watcher, "select from pg_locks where not granted").isEmpty()) {
                    assertThat(System.nanoTime()).isLessThan(deadline);
                    Thread.sleep(20);
                }
                session.cancel();
                assertThat(WireClient.lines(session.client().untilReady())).contains(CANCELED, "ready I");
                assertThat(session.client().simple("select 'usable'")).contains("row [usable]");
                blocker.rollback();
                assertThat(Sessions.rows(watcher, "SHOW JOB WHEN COMPLETE (SELECT max(id) FROM public.jobs)").getFirst())
                        .contains("succeeded");
            }
        }
    }

    /** A few of them, at every build. */
    @Test
    void cancelsNeverHitAnotherStatement() throws Exception {
        race(200);
    }

    @Test
    @Tag("bench")
    void aThousandCancelsNeverHitAnotherStatement() throws Exception {
        race(1_000);
    }

    /**
     * One session is cancelled again and again, at random moments of statements of both kinds. Canaries in other sessions,
     * and in the same one between two races, must never be.
     */
    private static void race(int count) throws Exception {
        long seed = System.nanoTime();
        System.out.println("cancel races with seed " + seed);
        var random = new Random(seed);
        var stop = new AtomicBoolean();
        int cancelled = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var session = Cancellable.connect(PROTOCOL_3_2)) {
            Callable<Integer> upstreamCanary = () -> canary("select pg_sleep(0.001), 'sings'", "row [, sings]", stop);
            Callable<Integer> ownCanary = () -> canary("SHOW CLUSTER SETTING feature.backup.enabled", "row [t]", stop);
            List<Future<Integer>> canaries = List.of(threads.submit(upstreamCanary), threads.submit(ownCanary));
            for (int i = 0; i < count; i++) {
                var sql = random.nextBoolean() ? "select pg_sleep(0.003), 'done'" : "SHOW CLUSTER SETTING feature.backup.enabled";
                long delay = random.nextInt(4_000_000);
                var cancelling = threads.submit(() -> {
                    Thread.sleep(Duration.ofNanos(delay));
                    session.cancel();
                    return null;
                });
                boolean extended = random.nextBoolean();
                if (extended) {
                    session.client().parse("", sql).bind("", "").describe('P', "").execute("", 0).sync();
                } else {
                    session.client().query(sql);
                }
                var answer = WireClient.lines(session.client().flush().untilReady());
                if (answer.contains(CANCELED)) {
                    cancelled++;
                } else {
                    assertThat(answer).as(sql).anyMatch(line -> line.equals("row [, done]") || line.equals("row [t]"));
                }
                cancelling.get();
                // PostgreSQL delivers the cancel by a signal after it has closed the connection that brought it: this settles it.
                session.client().simple("select pg_sleep(0.002)");
                assertThat(session.client().simple("select 'mine'")).contains("row [mine]");
            }
            stop.set(true);
            for (var canary : canaries) {
                assertThat(canary.get()).isGreaterThan(count / 10);
            }
        } finally {
            stop.set(true);
        }
        System.out.println(cancelled + " of " + count + " were hit");
        assertThat(cancelled).isPositive();
    }

    private static int canary(String sql, String row, AtomicBoolean stop) throws IOException {
        int sung = 0;
        try (var session = Cancellable.connect(WireClient.PROTOCOL_3_0)) {
            while (!stop.get()) {
                assertThat(session.client().simple(sql)).contains(row);
                sung++;
            }
        }
        return sung;
    }

    /** Rows of ours are never written into the middle of what the upstream sends by itself. */
    @Test
    void notificationsArriveWholeWhileAStatementOfOursRuns() throws Exception {
        var payload = "x".repeat(7_900);
        var stop = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var listener = Cancellable.connect(PROTOCOL_3_2);
                var notifier = Cancellable.connect(PROTOCOL_3_2)) {
            listener.client().simple("listen storm");
            var storm = threads.submit(() -> {
                int sent = 0;
                while (!stop.get()) {
                    for (int i = 0; i < 10; i++) {
                        notifier.client().query("notify storm, '" + sent++ + payload.substring(6) + "'");
                    }
                    notifier.client().flush();
                    for (int i = 0; i < 10; i++) {
                        notifier.client().untilReady();
                    }
                }
                return sent;
            });
            int heard = 0;
            for (int i = 0; i < 300; i++) {
                var lines = WireClient.lines(listener.client().query("SHOW CLUSTER SETTING feature.backup.enabled").flush().untilReady());
                heard += (int) lines.stream().filter(line -> line.startsWith("notification storm ")).count();
                assertThat(lines.stream().filter(line -> !line.startsWith("notification storm ")))
                        .containsExactly("columns [feature.backup.enabled:16/1/-1/0]", "row [t]", "done SHOW 1", "ready I");
            }
            stop.set(true);
            int sent = storm.get();
            while (heard < sent) {
                assertThat(listener.client().read().toString()).startsWith("notification storm ");
                heard++;
            }
        }
    }
}
