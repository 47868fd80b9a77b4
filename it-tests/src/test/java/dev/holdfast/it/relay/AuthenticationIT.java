package dev.holdfast.it.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.it.support.Program;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestAuthority;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every way to log in, by libpq: what the upstream asks for, with TLS on neither, either and both legs, and all that a client
 * can say about channel binding.
 */
class AuthenticationIT {
    private static final String PASSWORD = "pass wörd";
    private static final String IN = "1\n";

    private static Path files;
    private static TestAuthority authority;
    private static TestPostgres postgres;
    private static TestHoldfast plainUpstream;
    private static TestHoldfast encryptedUpstream;
    private static TestHoldfast withoutVerifiers;
    private static Program psql;

    @BeforeAll
    static void start() throws Exception {
        psql = Program.require("psql");
        files = Files.createTempDirectory("holdfast-it-");
        authority = new TestAuthority("authority of clients and servers");
        Files.writeString(files.resolve("root.crt"), authority.certificate());
        var server = authority.server();
        server.write(files, "node");
        authority.client("carol").write(files, "carol");
        authority.client("trusted").write(files, "trusted");
        new TestAuthority("somebody else").client("carol").write(files, "forged");
        postgres = TestPostgres.start(15);
        postgres.writeFile("server.crt", server.certificate());
        postgres.writeFile("server.key", server.key());
        try (var connection = postgres.upstream().connect("postgres", "test")) {
            Sessions.execute(
                    connection,
                    "alter system set ssl = on",
                    "set password_encryption = 'md5'",
                    role("role_md5"),
                    "set password_encryption = 'scram-sha-256'",
                    role("role_scram"),
                    role("role_password"),
                    role("refused"),
                    role("trusted"),
                    role("carol"),
                    role("weak"),
                    "create role service superuser login password '" + TestPostgres.PASSWORD + "'");
        }
        postgres.authenticateBy(
                "local all all trust",
                "host all refused 127.0.0.1/32 reject",
                "host all trusted 127.0.0.1/32 trust",
                "host all role_password 127.0.0.1/32 password",
                "host all role_md5 127.0.0.1/32 md5",
                "hostnossl all weak 127.0.0.1/32 reject",
                "host all all 127.0.0.1/32 scram-sha-256");
        plainUpstream = holdfast("postgres", "?sslmode=disable");
        encryptedUpstream = holdfast("postgres", "?sslmode=verify-full&sslrootcert=" + files.resolve("root.crt"));
        withoutVerifiers = holdfast("service", "?sslmode=require");
        try (var connection = postgres.upstream().connect("postgres", "test")) {
            Sessions.execute(connection, "alter role service nosuperuser");
        }
    }

    private static String role(String name) {
        return "create role " + name + " login password '" + PASSWORD + "'";
    }

    private static TestHoldfast holdfast(String user, String parameters) throws Exception {
        return TestHoldfast.configured(
                """
                tls { certificate = "%1$s/node.crt", key = "%1$s/node.key", client-ca = "%1$s/root.crt" }
                auth.role-secrets { carol = "%2$s" }
                """
                        .formatted(files, PASSWORD),
                user,
                "--upstream",
                "postgresql://" + user + ":" + TestPostgres.PASSWORD + "@127.0.0.1:" + postgres.port() + "/postgres" + parameters);
    }

    @AfterAll
    static void stop() throws Exception {
        for (var holdfast : new TestHoldfast[] {plainUpstream, encryptedUpstream, withoutVerifiers}) {
            if (holdfast != null) {
                holdfast.close();
            }
        }
        if (postgres != null) {
            postgres.close();
        }
        if (files != null) {
            Directories.deleteRecursively(files);
        }
    }

    private static Program.Outcome login(TestHoldfast holdfast, String user, String password, String... more) throws Exception {
        var connection = new ArrayList<>(List.of(
                "host=localhost", "hostaddr=127.0.0.1", "port=" + holdfast.port(), "user=" + user, "dbname=postgres", "sslrootcert=" + files.resolve("root.crt")));
        connection.addAll(List.of(more));
        return psql.with("PGPASSWORD", password).with("PGCLIENTENCODING", "UTF8")
                .run("-X", "-A", "-t", "-c", "select 1 where current_user = '" + user + "'", String.join(" ", connection));
    }

    record Way(boolean upstreamTls, boolean clientTls, String method, String binding) {
        boolean works() {
            return !binding.equals("require") || clientTls && method.equals("scram");
        }

        TestHoldfast holdfast() {
            return upstreamTls ? encryptedUpstream : plainUpstream;
        }

        String[] parameters() {
            return new String[] {"sslmode=" + (clientTls ? "verify-full" : "disable"), "channel_binding=" + binding};
        }

        @Override
        public String toString() {
            return method + ", channel_binding=" + binding + ", TLS of client " + clientTls + ", of upstream " + upstreamTls;
        }
    }

    static Stream<Way> ways() {
        return Stream.of(false, true).flatMap(upstreamTls -> Stream.of(false, true).flatMap(clientTls -> Stream.of(
                        "password", "md5", "scram")
                .flatMap(method -> Stream.of("disable", "prefer", "require")
                        .map(binding -> new Way(upstreamTls, clientTls, method, binding)))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void everyWayWorksOrFailsClearly(Way way) throws Exception {
        var user = "role_" + way.method();
        var right = login(way.holdfast(), user, PASSWORD, way.parameters());
        if (way.works()) {
            assertThat(right).isEqualTo(new Program.Outcome(0, IN));
        } else {
            assertThat(right.exitCode()).isEqualTo(2);
            assertThat(right.text()).containsAnyOf("channel binding required", "channel binding is required");
        }
        var wrong = login(way.holdfast(), user, "guessed", way.parameters());
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.text())
                .containsAnyOf("password authentication failed for user \"" + user + "\"", "channel binding required", "channel binding is required");
    }

    /** The exchange ends as with a wrong password: which roles exist is nobody's business. */
    @Test
    void aRoleThatDoesNotExistLooksLikeAWrongPassword() throws Exception {
        for (var mode : List.of("sslmode=disable", "sslmode=require")) {
            assertThat(login(encryptedUpstream, "no_such_role", "x", mode).text())
                    .contains("password authentication failed for user \"no_such_role\"");
        }
    }

    @Test
    void theUpstreamsRulesForTheRealUserDecide() throws Exception {
        assertThat(login(plainUpstream, "refused", PASSWORD, "sslmode=disable").text())
                .contains("pg_hba.conf rejects connection for host \"127.0.0.1\", user \"refused\", database \"postgres\"");
        assertThat(login(plainUpstream, "weak", PASSWORD, "sslmode=require").text()).contains("pg_hba.conf rejects connection");
        assertThat(login(encryptedUpstream, "weak", PASSWORD, "sslmode=disable")).isEqualTo(new Program.Outcome(0, IN));
    }

    /** A rule that trusts Holdfast's address lets nobody in who comes to Holdfast. */
    @Test
    void anUpstreamThatTrustsHoldfastsAddressLetsNobodyIn() throws Exception {
        for (var mode : List.of("sslmode=disable", "sslmode=require")) {
            assertThat(login(plainUpstream, "trusted", "", mode).text())
                    .contains("the upstream PostgreSQL asked for no password, so the login is refused");
        }
    }

    @Test
    void aCertificateOfTheRoleNeedsNoPassword() throws Exception {
        for (var holdfast : List.of(plainUpstream, encryptedUpstream)) {
            assertThat(login(holdfast, "carol", "", certificate("carol"))).isEqualTo(new Program.Outcome(0, IN));
        }
        // Proved by a certificate, so the upstream need not ask.
        assertThat(login(plainUpstream, "trusted", "", certificate("trusted"))).isEqualTo(new Program.Outcome(0, IN));
    }

    @Test
    void aCertificateOfSomebodyElseIsWorthNothing() throws Exception {
        assertThat(login(plainUpstream, "carol", "guessed", certificate("trusted")).text()).contains("password authentication failed");
        assertThat(login(plainUpstream, "role_scram", "", certificate("carol")).text()).contains("no password supplied");
        assertThat(login(plainUpstream, "role_scram", PASSWORD, certificate("carol"))).isEqualTo(new Program.Outcome(0, IN));
        var forged = login(plainUpstream, "carol", "", certificate("forged"));
        assertThat(forged.exitCode()).isEqualTo(2);
    }

    private static String[] certificate(String name) {
        return new String[] {
            "sslmode=require", "sslcert=" + files.resolve(name + ".crt"), "sslkey=" + files.resolve(name + ".key")
        };
    }

    /** As at managed services: the password is asked for, over TLS only. */
    @Test
    void whereVerifiersCannotBeReadThePasswordIsAskedFor() throws Exception {
        var in = new Program.Outcome(0, IN);
        assertThat(login(withoutVerifiers, "role_scram", PASSWORD, "sslmode=require", "channel_binding=prefer")).isEqualTo(in);
        assertThat(login(withoutVerifiers, "role_scram", "guessed", "sslmode=require").text()).contains("password authentication failed");
        assertThat(login(withoutVerifiers, "role_scram", PASSWORD, "sslmode=require", "channel_binding=require").text())
                .contains("channel binding required");
        // Without TLS the exchange is relayed, and nobody sees the password.
        assertThat(login(withoutVerifiers, "role_scram", PASSWORD, "sslmode=disable")).isEqualTo(in);
    }

    @Test
    void anUpstreamThatIsNotWhoItShouldBeIsNotTalkedTo() throws Exception {
        Files.writeString(files.resolve("other.crt"), new TestAuthority("somebody else").certificate());
        var outcome = TestHoldfast.run(List.of(
                "start", "--store", files.resolve("refused").toString(), "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--upstream",
                "postgresql://postgres:" + TestPostgres.PASSWORD + "@127.0.0.1:" + postgres.port()
                        + "/postgres?sslmode=verify-full&sslrootcert=" + files.resolve("other.crt")));
        assertThat(outcome.exitCode()).isNotZero();
        assertThat(outcome.errors()).doesNotContain(TestPostgres.PASSWORD);
    }

    /** On the embedded PostgreSQL Holdfast vouches by a certificate of its own. */
    @Test
    void theEmbeddedServerTakesCertificatesOfClients() throws Exception {
        try (var embedded = TestHoldfast.configured(
                "tls { certificate = \"%1$s/node.crt\", key = \"%1$s/node.key\", client-ca = \"%1$s/root.crt\" }".formatted(files), "root")) {
            var password = Files.readString(embedded.store().resolve("root.password")).strip();
            try (var root = embedded.connect("postgres", properties(Map.of("password", password)))) {
                Sessions.execute(root, role("carol"), role("other"));
            }
            assertThat(login(embedded, "carol", "", certificate("carol"))).isEqualTo(new Program.Outcome(0, IN));
            assertThat(login(embedded, "carol", PASSWORD, "sslmode=verify-full", "channel_binding=require"))
                    .isEqualTo(new Program.Outcome(0, IN));
            assertThat(login(embedded, "other", "", certificate("carol")).text()).contains("no password supplied");
            assertThat(login(embedded, "other", "", "sslmode=disable").text()).contains("no password supplied");
        }
    }

    private static Properties properties(Map<String, String> values) {
        var properties = new Properties();
        properties.putAll(values);
        return properties;
    }
}
