package dev.holdfast.it.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import dev.holdfast.it.support.WireClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Clients that send rubbish, from pure noise to conversations in which a few bits are wrong, before and after they are let
 * in. None may hang, none may make Holdfast fail or lose memory.
 */
class FuzzIT {
    private static TestPostgres postgres;
    private static TestHoldfast holdfast;

    @BeforeAll
    static void start() throws Exception {
        // What a spoilt conversation makes the server do must end by itself.
        postgres = TestPostgres.start(18, Map.of("statement_timeout", "5s", "idle_in_transaction_session_timeout", "5s"));
        postgres.authenticateBy("local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust");
        holdfast = TestHoldfast.configured(
                List.of("-Dio.netty.leakDetection.level=paranoid", "-Dio.netty.leakDetection.targetRecords=20"),
                "auth.trust-upstream = true, limits.authentication-timeout = 3s",
                "postgres",
                "--upstream",
                postgres.uri().toSecretString());
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
        postgres.close();
    }

    @Test
    void rubbishDoesNoHarm() throws Exception {
        fuzz(System.nanoTime(), 400);
    }

    @Test
    @Tag("bench")
    void muchRubbishDoesNoHarm() throws Exception {
        fuzz(System.nanoTime(), 20_000);
    }

    private static void fuzz(long seed, int count) throws Exception {
        System.out.println("fuzz with seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < count; i++) {
            try {
                one(random);
            } catch (IOException e) {
                throw new AssertionError("connection " + i + " of seed " + seed, e);
            }
        }
        assertThat(holdfast.isAlive()).isTrue();
        // Buffers that nobody can reach any more are noticed at the next allocations.
        for (int i = 0; i < 3; i++) {
            holdfast.collectGarbage();
            for (int k = 0; k < 50; k++) {
                try (var client = WireClient.connect(WireClient.tcp(holdfast.port()), "postgres", "postgres")) {
                    assertThat(client.simple("select 1")).contains("row [1]");
                }
            }
        }
        var complaints = (holdfast.log() + holdfast.errors())
                .lines()
                .filter(line -> line.contains("LEAK") || line.contains("defect") || line.contains("Exception"))
                .toList();
        assertThat(complaints).as("seed " + seed).isEmpty();
        try (var connection = postgres.upstream().connect("postgres", "test")) {
            long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
            var mine = "select from pg_stat_activity where usename = 'postgres' and application_name not like 'holdfast%'"
                    + " and application_name <> 'test' and backend_type in ('client backend', 'walsender')";
            while (!Sessions.rows(connection, mine).isEmpty()) {
                assertThat(System.nanoTime()).as("sessions are left").isLessThan(deadline);
                Thread.sleep(100);
            }
        }
    }

    private static void one(Random random) throws IOException {
        try (var client = WireClient.open(WireClient.tcp(holdfast.port()))) {
            boolean before = random.nextInt(3) == 0;
            if (!before) {
                client.startup(random.nextBoolean() ? WireClient.PROTOCOL_3_0 : 3 << 16 | 2, Map.of("user", "postgres")).flush().untilReady();
            }
            var bytes = switch (random.nextInt(4)) {
                case 0 -> noise(random);
                case 1 -> headers(random);
                default -> spoilt(random, before ? beginning(client, random) : conversation(client, random));
            };
            if (random.nextInt(4) == 0) {
                client.inPieces(random.nextLong());
            }
            client.raw(bytes);
            boolean sent = send(client);
            if (random.nextInt(4) == 0) {
                client.reset();
                return;
            }
            // Half a message is waited for, as PostgreSQL does; so the end is said.
            if (sent) {
                client.shutdownOutput();
            }
            client.untilClosed();
        }
    }

    private static boolean send(WireClient client) {
        try {
            client.flush();
            return true;
        } catch (IOException e) {
            // The server has closed in the middle of it, as it may.
            return false;
        }
    }

    private static byte[] noise(Random random) {
        var bytes = new byte[random.nextInt(random.nextBoolean() ? 40 : 20_000)];
        random.nextBytes(bytes);
        if (bytes.length > 0 && random.nextBoolean()) {
            // TLS, it seems.
            bytes[0] = 0x16;
        }
        return bytes;
    }

    /** Types that exist, with lengths of all kinds and nothing sensible behind. */
    private static byte[] headers(Random random) {
        var bytes = new ByteArrayOutputStream();
        var types = "QPBDECSHFdcfpX";
        for (int i = random.nextInt(20); i >= 0; i--) {
            bytes.write(types.charAt(random.nextInt(types.length())));
            int length = switch (random.nextInt(5)) {
                case 0 -> random.nextInt();
                case 1 -> random.nextInt(5);
                default -> 4 + random.nextInt(60);
            };
            bytes.writeBytes(WireClient.int32(length));
            var body = new byte[Math.clamp(length - 4, 0, 60)];
            random.nextBytes(body);
            bytes.writeBytes(body);
        }
        return bytes.toByteArray();
    }

    private static byte[] beginning(WireClient client, Random random) {
        if (random.nextBoolean()) {
            client.raw(WireClient.int32(8, random.nextBoolean() ? 80877103 : 80877104));
        }
        if (random.nextInt(4) == 0) {
            client.raw(WireClient.int32(16, 80877102, random.nextInt(), random.nextInt()));
        }
        client.startup(Map.of("user", "postgres", "replication", random.nextInt(4) == 0 ? "database" : "off"));
        return concat(client.takeWritten(), conversation(client, random));
    }

    private static byte[] conversation(WireClient client, Random random) {
        for (int i = random.nextInt(12); i >= 0; i--) {
            switch (random.nextInt(12)) {
                case 0 -> client.query("select 1; select 2");
                case 1 -> client.query("SHOW CLUSTER SETTING feature.backup.enabled; select 3");
                case 2 -> client.query("begin; create temp table c (a int); copy c from stdin");
                case 3 -> client.copyData("1\n").message('c');
                case 4 -> client.copyData("x\n").message('f', WireClient.zeroEnded("no"));
                case 5 -> client.parse("s", "SHOW CLUSTER SETTING feature.backup.enabled");
                case 6 -> client.bind("p", "s").describe('P', "p").execute("p", random.nextInt(3)).close('S', "s");
                case 7 -> client.parse("", "select generate_series(1, 100), $1").bind("", "", "x").execute("", random.nextInt(50));
                case 8 -> client.query("BACKUP DATABASE postgres INTO 'nodelocal://1/no thing?x=y'").message('H');
                case 9 -> client.query("select repeat('long', 50000)");
                case 10 -> client.query("listen a; notify a, 'b'");
                default -> client.sync();
            }
        }
        return client.takeWritten();
    }

    private static byte[] concat(byte[] first, byte[] second) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }

    /** A few bits flipped, a piece cut out, a piece said twice, the end cut off. */
    private static byte[] spoilt(Random random, byte[] bytes) {
        var result = bytes;
        for (int i = random.nextInt(4); i > 0 && result.length > 8; i--) {
            int at = random.nextInt(result.length);
            int length = Math.min(random.nextInt(20), result.length - at);
            var changed = new ByteArrayOutputStream();
            switch (random.nextInt(4)) {
                case 0 -> {
                    result[at] ^= (byte) (1 << random.nextInt(8));
                    continue;
                }
                case 1 -> {
                    changed.write(result, 0, at);
                    changed.write(result, at + length, result.length - at - length);
                }
                case 2 -> {
                    changed.write(result, 0, at + length);
                    changed.write(result, at, result.length - at);
                }
                default -> changed.write(result, 0, at);
            }
            result = changed.toByteArray();
        }
        return result;
    }
}
