package dev.holdfast.it.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import dev.holdfast.it.support.WireClient;
import java.io.ByteArrayOutputStream;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every conversation brings a client the same bytes, with and without Holdfast. */
class DifferentialIT {
    /** The oldest and the newest supported PostgreSQL: they differ in the protocol that they speak. */
    private static final List<Integer> VERSIONS = List.of(15, 18);

    private static final String OWN = "holdfast's own";
    private static final List<Side> SIDES = new ArrayList<>();

    /** What one version is reached by, directly and through Holdfast. */
    private record Side(int version, TestPostgres postgres, TestHoldfast holdfast) implements AutoCloseable {
        SocketAddress direct() {
            return WireClient.tcp(postgres.port());
        }

        SocketAddress relayed() {
            return WireClient.tcp(holdfast.port());
        }

        @Override
        public void close() throws Exception {
            holdfast.close();
            postgres.close();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        for (int version : VERSIONS) {
            var postgres = TestPostgres.start(version);
            postgres.authenticateBy(
                    "local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust");
            try (var connection = postgres.upstream().connect("postgres", "test")) {
                Sessions.execute(connection, "create database " + Conversation.DATABASE);
            }
            try (var connection = postgres.upstream().connect(Conversation.DATABASE, "test")) {
                Sessions.execute(
                        connection,
                        "create table public.t (a int primary key, b text)",
                        "create table public.copied (a int, b text)",
                        "create table public.checked (a int unique deferrable initially deferred)",
                        "create table public.backup (show int)");
            }
            SIDES.add(new Side(version, postgres, TestHoldfast.inFrontOf(postgres)));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        for (var side : SIDES) {
            side.close();
        }
        SIDES.clear();
    }

    static Stream<Conversation> conversations() {
        return Stream.of(
                        StartupConversations.all(),
                        QueryConversations.all(),
                        ExtendedConversations.all(),
                        CopyConversations.all(),
                        BrokenConversations.all())
                .flatMap(List::stream);
    }

    static Stream<Arguments> versionsAndConversations() {
        return VERSIONS.stream().flatMap(version -> conversations().map(conversation -> Arguments.of(version, conversation)));
    }

    @ParameterizedTest(name = "{1} ({0})")
    @MethodSource("versionsAndConversations")
    void bytesAreTheSame(int version, Conversation conversation) throws Exception {
        var side = SIDES.get(VERSIONS.indexOf(version));
        compare(
                hold(conversation, side, side.direct(), client -> {}),
                hold(conversation, side, side.relayed(), client -> {}));
    }

    /** However the network cuts what the client sends, and while the session keeps books for a statement of ours. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("conversations")
    void bytesAreTheSameInPiecesAndBesideAStatementOfOurs(Conversation conversation) throws Exception {
        var side = SIDES.getLast();
        compare(
                hold(conversation, side, side.direct(), client -> {}),
                hold(conversation, side, side.relayed(), client -> {
                    client.inPieces(conversation.name().hashCode());
                    if (conversation.ready()) {
                        client.parse(OWN, "SHOW CLUSTER SETTING feature.backup.enabled").sync().flush();
                        assertThat(WireClient.lines(client.untilReady())).containsExactly("parsed", "ready I");
                    }
                }));
    }

    private interface Preparation {
        void prepare(WireClient client) throws Exception;
    }

    /** What the client heard; {@code preparation} is done in its session, and what that brings is not counted. */
    private static List<String> hold(Conversation conversation, Side side, SocketAddress address, Preparation preparation)
            throws Exception {
        try (var client = WireClient.open(address);
                var control = WireClient.connect(side.direct(), "postgres", Conversation.DATABASE)) {
            control.simple("truncate t, copied; insert into t values (1, 'one'), (2, 'two'), (3, 'three')");
            client.recording();
            if (conversation.startup() != null) {
                client.startup(conversation.version(), conversation.startup());
            }
            if (conversation.ready()) {
                client.flush().untilReady();
            }
            var heard = new ByteArrayOutputStream();
            heard.writeBytes(client.recorded());
            client.recording();
            preparation.prepare(client);
            if (conversation.ready()) {
                client.recording();
            }
            conversation.talk().hold(client, () -> WireClient.connect(address, "postgres", Conversation.DATABASE));
            // Whatever is said too much comes before the end.
            client.message('X').leave();
            heard.writeBytes(client.recorded());
            return conversation.messages(heard.toByteArray());
        }
    }

    private static void compare(List<String> expected, List<String> actual) {
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            if (!expected.get(i).equals(actual.get(i))) {
                assertThat(beginning(actual.get(i))).as("message " + i).isEqualTo(beginning(expected.get(i)));
                fail("message " + i + " differs behind its beginning: " + beginning(expected.get(i)));
            }
        }
        assertThat(actual.stream().map(DifferentialIT::beginning)).hasSameSizeAs(expected);
    }

    private static String beginning(String message) {
        return message.substring(0, Math.min(500, message.length()));
    }
}
