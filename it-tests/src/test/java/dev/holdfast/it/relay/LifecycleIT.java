package dev.holdfast.it.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.it.support.Program;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestAuthority;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import dev.holdfast.it.support.WireClient;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Limits, reloads, draining, proxies, and an upstream that dies: each on a Holdfast of its own in front of one PostgreSQL. */
class LifecycleIT {
    private static final Duration MOMENT = Duration.ofSeconds(5);

    private static TestPostgres postgres;
    private TestHoldfast holdfast;

    @BeforeAll
    static void startPostgres() throws Exception {
        postgres = TestPostgres.start(15);
        postgres.authenticateBy("local all all trust", "host all all 127.0.0.1/32 trust");
    }

    @AfterAll
    static void stopPostgres() throws Exception {
        postgres.close();
    }

    @AfterEach
    void stop() throws Exception {
        if (holdfast != null) {
            holdfast.close();
        }
    }

    private void start(String configuration, String... flags) throws IOException {
        var all = new ArrayList<>(List.of(flags));
        all.addAll(List.of("--upstream", postgres.uri().toSecretString()));
        holdfast = TestHoldfast.configured(configuration, "postgres", all.toArray(String[]::new));
    }

    private WireClient connect() throws IOException {
        return WireClient.connect(WireClient.tcp(holdfast.port()), "postgres", "postgres");
    }

    private WireClient open() throws IOException {
        return WireClient.open(WireClient.tcp(holdfast.port()));
    }

    private static WireClient.Message next(WireClient client) throws IOException {
        return client.read(MOMENT);
    }

    @Test
    void oneClientTooManyIsToldSo() throws Exception {
        start("limits.connections = 3", "--insecure");
        try (var first = connect();
                var second = connect();
                var third = connect()) {
            try (var fourth = open()) {
                fourth.startup(Map.of("user", "postgres")).flush();
                assertThat(next(fourth)).hasToString("error 53300 sorry, too many clients already");
                assertThat(fourth.closesWithin(MOMENT)).isTrue();
            }
            third.message('X').flush();
            assertThat(third.closesWithin(MOMENT)).isTrue();
            try (var another = connect()) {
                assertThat(another.simple("select 1")).contains("row [1]");
            }
        }
    }

    /** Who connects and says nothing must not hold sockets for ever, nor as many as he likes. */
    @Test
    void clientsThatDoNotLogInAreNotWaitedFor() throws Exception {
        start("limits { authentication-timeout = 700ms, connections = 3 }", "--insecure");
        try (var silent = open();
                var slow = open();
                var loris = open()) {
            slow.raw(new byte[] {0, 0, 0, 100, 0, 3}).flush();
            for (int i = 0; i < 5; i++) {
                loris.raw(new byte[] {0}).flush();
                Thread.sleep(50);
            }
            assertThat(silent.closesWithin(MOMENT)).isTrue();
            assertThat(slow.closesWithin(MOMENT)).isTrue();
            assertThat(loris.closesWithin(MOMENT)).isTrue();
        }
        var crowd = new ArrayList<WireClient>();
        try {
            for (int i = 0; i < 20; i++) {
                crowd.add(open());
            }
            assertThat(crowd.getLast().closesWithin(Duration.ofMillis(300))).isTrue();
        } finally {
            for (var client : crowd) {
                client.close();
            }
        }
        try (var client = connectOnceTheCrowdIsGone()) {
            assertThat(client.simple("select pg_sleep(1), 'in time'")).anyMatch(line -> line.contains("in time"));
        }
    }

    /** Its places are free when the server has noticed that it left, not yet when it has. */
    private WireClient connectOnceTheCrowdIsGone() throws Exception {
        long deadline = System.nanoTime() + MOMENT.toNanos();
        while (true) {
            try {
                return connect();
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(50);
            }
        }
    }

    @Test
    void aLongPasswordIsRefused() throws Exception {
        postgres.authenticateBy("local all all trust", "host all all 127.0.0.1/32 password");
        try {
            start("", "--insecure");
            try (var client = open()) {
                client.startup(Map.of("user", "postgres")).flush();
                assertThat(next(client).type()).isEqualTo('R');
                client.message('p', new byte[70_000]);
                client.leave();
            }
            try (var client = open()) {
                client.startup(Map.of("user", "postgres")).flush();
                assertThat(next(client).type()).isEqualTo('R');
                client.message('p', WireClient.zeroEnded(TestPostgres.PASSWORD)).flush().untilReady();
            }
        } finally {
            postgres.authenticateBy("local all all trust", "host all all 127.0.0.1/32 trust");
        }
    }

    @Test
    void certificatesAreReadAgainOnHangup() throws Exception {
        var psql = Program.require("psql");
        var files = Files.createTempDirectory("holdfast-it-");
        try {
            var first = new TestAuthority("first");
            var second = new TestAuthority("second");
            Files.writeString(files.resolve("first.crt"), first.certificate());
            Files.writeString(files.resolve("second.crt"), second.certificate());
            first.server().write(files, "node");
            start("tls { certificate = \"%1$s/node.crt\", key = \"%1$s/node.key\" }, auth.trust-upstream = true".formatted(files));
            assertThat(verifies(psql, files.resolve("first.crt"))).isTrue();
            assertThat(verifies(psql, files.resolve("second.crt"))).isFalse();
            try (var before = connect()) {
                Files.writeString(files.resolve("node.crt"), "no certificate at all");
                holdfast.signal("HUP");
                Thread.sleep(300);
                assertThat(verifies(psql, files.resolve("first.crt"))).isTrue();
                second.server().write(files, "node");
                holdfast.signal("HUP");
                long deadline = System.nanoTime() + MOMENT.toNanos();
                while (!verifies(psql, files.resolve("second.crt"))) {
                    assertThat(System.nanoTime()).isLessThan(deadline);
                }
                assertThat(verifies(psql, files.resolve("first.crt"))).isFalse();
                assertThat(before.simple("select 1")).contains("row [1]");
            }
        } finally {
            Directories.deleteRecursively(files);
        }
    }

    /** Handshakes cost the server more than the client: who wants another one is sent away. */
    @Test
    void aTlsConnectionIsNegotiatedOnce() throws Exception {
        start("auth.trust-upstream = true");
        var context = SSLContext.getInstance("TLSv1.2");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        try (var plain = new Socket("127.0.0.1", holdfast.port())) {
            plain.getOutputStream().write(ByteBuffer.allocate(8).putInt(8).putInt(80877103).array());
            assertThat(plain.getInputStream().read()).isEqualTo('S');
            try (var tls = (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", holdfast.port(), true)) {
                tls.setSoTimeout((int) MOMENT.toMillis());
                tls.setEnabledProtocols(new String[] {"TLSv1.2"});
                tls.startHandshake();
                assertThatThrownBy(() -> {
                            tls.startHandshake();
                            tls.getInputStream().read();
                        })
                        .isInstanceOf(SSLException.class);
            }
        }
    }

    /** What stands behind an SSLRequest was not encrypted, and must not be taken for what was. */
    @Test
    void bytesBehindAnSslRequestEndTheConnection() throws Exception {
        start("auth.trust-upstream = true");
        try (var client = open()) {
            client.raw(WireClient.int32(8, 80877103)).startup(Map.of("user", "postgres")).query("select 1").flush();
            assertThat(client.readByte()).isEqualTo((byte) 'S');
            assertThat(next(client).toString()).startsWith("error 08P01 received unencrypted data after SSL request");
            assertThat(client.closesWithin(MOMENT)).isTrue();
        }
    }

    private boolean verifies(Program psql, Path root) throws Exception {
        return psql.run("-X", "-c", "select 1", "host=localhost hostaddr=127.0.0.1 port=" + holdfast.port()
                        + " user=postgres sslmode=verify-full sslrootcert=" + root).exitCode() == 0;
    }

    @Test
    void theFirstSignalLetsTransactionsEnd() throws Exception {
        start("limits.drain-timeout = 20s", "--insecure");
        try (var idle = connect();
                var busy = connect()) {
            busy.simple("begin; create table drained (a int)");
            holdfast.signal("TERM");
            assertThat(next(idle)).hasToString("error 57P01 terminating connection due to administrator command");
            assertThat(idle.closesWithin(MOMENT)).isTrue();
            assertThat(refused()).isTrue();
            assertThat(busy.simple("insert into drained values (1)")).contains("ready T");
            assertThat(busy.simple("commit")).containsExactly("done COMMIT", "ready I");
            assertThat(next(busy)).hasToString("error 57P01 terminating connection due to administrator command");
            assertThat(holdfast.waitForExit(MOMENT)).isZero();
        }
        try (var connection = postgres.upstream().connect("postgres", "test")) {
            assertThat(Sessions.one(connection, "select count(*) from public.drained")).isEqualTo("1");
            Sessions.execute(connection, "drop table public.drained");
        }
    }

    private boolean refused() throws IOException {
        try (var late = open()) {
            late.startup(Map.of("user", "postgres")).flush();
            var answer = next(late);
            return answer.toString().equals("error 57P03 the database system is shutting down");
        } catch (ConnectException | EOFException e) {
            return true;
        }
    }

    @Test
    void theSecondSignalWaitsForNothing() throws Exception {
        start("limits.drain-timeout = 60s", "--insecure");
        try (var busy = connect()) {
            busy.simple("begin");
            holdfast.signal("TERM");
            Thread.sleep(300);
            assertThat(busy.simple("select 1")).contains("ready T");
            holdfast.signal("TERM");
            assertThat(holdfast.waitForExit(MOMENT)).isEqualTo(1);
        }
    }

    @Test
    void aTransactionThatDoesNotEndIsEnded() throws Exception {
        start("limits.drain-timeout = 500ms", "--insecure");
        try (var busy = connect()) {
            busy.simple("begin");
            holdfast.signal("TERM");
            assertThat(next(busy)).hasToString("error 57P01 terminating connection due to administrator command");
            assertThat(holdfast.waitForExit(MOMENT)).isZero();
        }
    }

    /** Version 2 of the PROXY protocol: signature, version and command, family, length, then two addresses and two ports. */
    private static byte[] proxyHeader(int... client) {
        var header = ByteBuffer.allocate(28)
                .put(new byte[] {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11})
                .putShort((short) 12);
        for (int part : client) {
            header.put((byte) part);
        }
        return header.put(new byte[] {10, 0, 0, 1}).putShort((short) 54321).putShort((short) 26257).array();
    }

    @Test
    void aProxyNamesTheClient() throws Exception {
        start("proxy-protocol.senders = [\"127.0.0.0/8\"], auth.trust-upstream = true, limits.authentication-timeout = 2s");
        try (var client = open()) {
            client.raw(proxyHeader(203, 0, 113, 7)).startup(Map.of("user", "postgres")).flush();
            client.untilReady();
            long deadline = System.nanoTime() + MOMENT.toNanos();
            var found = List.<String>of();
            while (found.isEmpty() && System.nanoTime() < deadline) {
                try (var system = postgres.upstream().connect("system", "test")) {
                    found = Sessions.rows(system, "select client_addr, client_port, user_name from public.sessions");
                }
            }
            assertThat(found).containsExactly("203.0.113.7|54321|postgres");
        }
        try (var without = open()) {
            without.startup(Map.of("user", "postgres")).flush();
            assertThat(without.closesWithin(MOMENT)).isTrue();
        }
    }

    /** On this machine everybody is trusted; the client behind a proxy is not on this machine. */
    @Test
    void aClientFromOutsideIsNotTrustedBecauseItsProxyIsHere() throws Exception {
        start("proxy-protocol.senders = [\"127.0.0.1/32\"]", "--insecure");
        try (var outside = open()) {
            outside.raw(proxyHeader(203, 0, 113, 7)).startup(Map.of("user", "postgres")).flush();
            assertThat(next(outside).toString()).startsWith("error 28000 the upstream PostgreSQL asked for no password");
        }
        try (var here = open()) {
            here.raw(proxyHeader(127, 0, 0, 1)).startup(Map.of("user", "postgres")).flush();
            here.untilReady();
        }
    }

    @Test
    void metricsCountWhatPasses() throws Exception {
        start("", "--insecure");
        try (var client = connect()) {
            client.simple("select repeat('x', 100000)");
            client.simple("SHOW CLUSTER SETTING feature.backup.enabled");
        }
        var log = Files.readString(holdfast.store().resolve("logs").resolve("holdfast.log"));
        var url = log.lines().filter(line -> line.contains("metrics are at ")).map(line -> line.substring(line.indexOf("http"))).findFirst();
        try (var in = URI.create(url.orElseThrow()).toURL().openStream()) {
            var metrics = new String(in.readAllBytes());
            assertThat(metrics).contains("sql_own_statements", "relay_latency", "sql_conns");
            assertThat(metrics.lines().filter(line -> line.startsWith("sql_bytesout")).map(line -> line.split(" ")[1]).findFirst())
                    .hasValueSatisfying(bytes -> assertThat(Double.parseDouble(bytes)).isGreaterThan(100_000));
        }
    }

    @Test
    void anUpstreamThatCrashesTakesSessionsButNotHoldfast() throws Exception {
        start("", "--insecure");
        try (var victim = connect();
                var bystander = connect()) {
            var pid = victim.simple("select pg_backend_pid()").get(1).replaceAll("[^0-9]", "");
            new ProcessBuilder("kill", "-9", pid).start().waitFor();
            assertThat(victim.closesWithin(MOMENT)).isTrue();
            // Told by the upstream itself, in its own words.
            assertThat(next(bystander).toString()).startsWith("notice 57P02 ").contains("crash of another server process");
            assertThat(bystander.closesWithin(MOMENT)).isTrue();
        }
        // It recovers meanwhile: a new session waits for it.
        try (var after = connect()) {
            assertThat(after.simple("select 1")).contains("row [1]");
        }
    }

    @Test
    void withoutAnUpstreamSessionsFailClearly() throws Exception {
        try (var dying = TestPostgres.start(15)) {
            holdfast = TestHoldfast.configured(
                    "limits.upstream-wait = 1s", "postgres", "--insecure", "--upstream", dying.uri().toSecretString());
            dying.close();
            try (var client = open()) {
                client.startup(Map.of("user", "postgres")).flush();
                assertThat(next(client).toString()).startsWith("error 57P03 cannot connect to the upstream PostgreSQL");
                assertThat(client.closesWithin(MOMENT)).isTrue();
            }
            assertThat(holdfast.isAlive()).isTrue();
            // Stopping politely would wait for the upstream.
            holdfast.kill();
        }
    }

    @Test
    void theEmbeddedServerComesBackForWaitingSessions() throws Exception {
        holdfast = TestHoldfast.start();
        try (var client = WireClient.connect(WireClient.tcp(holdfast.port()), "root", "defaultdb")) {
            holdfast.killPostgres();
            assertThat(client.closesWithin(MOMENT)).isTrue();
        }
        try (var after = WireClient.connect(WireClient.tcp(holdfast.port()), "root", "defaultdb")) {
            assertThat(after.simple("select 1")).contains("row [1]");
        }
    }
}
