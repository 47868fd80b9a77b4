package dev.holdfast.it.relay;

import static dev.holdfast.it.support.WireClient.int32;
import static dev.holdfast.it.support.WireClient.zeroEnded;

import dev.holdfast.it.support.WireClient;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;

/** How sessions begin, and fail to. */
final class StartupConversations {
    private static final int PROTOCOL_3_2 = 3 << 16 | 2;
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_ENC_REQUEST = 80877104;

    private StartupConversations() {}

    static List<Conversation> all() {
        return List.of(
                Conversation.of("options of the startup packet", Map.of(
                        "options", "-c work_mem=5MB -c search_path=pg_catalog,\\ public --statement-timeout=12345",
                        "application_name", "a name with ünïcode",
                        "DateStyle", "SQL, DMY",
                        "TimeZone", "Europe/Berlin"), (client, place) -> {
                    for (var setting : List.of("work_mem", "search_path", "statement_timeout", "application_name", "datestyle")) {
                        client.simple("show " + setting);
                    }
                    client.simple("select timestamptz '2020-02-03 04:05:06+00'");
                }),
                Conversation.of("an option that does not fit", Map.of("extra_float_digits", "3"),
                        (client, place) -> client.simple("select 0.1::float8 / 3")),
                starting("unknown setting", Map.of("no_such_setting", "1"), (client, place) -> client.untilClosed()),
                starting("setting with a bad value", Map.of("work_mem", "plenty"), (client, place) -> client.untilClosed()),
                starting("bad options", Map.of("options", "-c"), (client, place) -> client.untilClosed()),
                starting("unknown database", Map.of("database", "no such database"), (client, place) -> client.untilClosed()),
                starting("unknown role", Map.of("user", "nobody at all"), (client, place) -> client.untilClosed()),
                starting("a very long role", Map.of("user", "r".repeat(100)), (client, place) -> client.untilClosed()),
                raw("no role", (client, place) -> client.startup(Map.of("database", "x")).leave()),
                raw("no database", (client, place) -> client.startup(Map.of("user", "postgres")).flush().untilReady()),
                starting("parameters of the protocol that nobody knows", Map.of("_pq_.colour", "green", "_pq_.taste", "sweet"),
                        (client, place) -> {
                            client.untilReady();
                            client.simple("select 1");
                        }),
                version("protocol 3.2", PROTOCOL_3_2),
                version("protocol 3.1, which there never was", 3 << 16 | 1),
                version("a minor version of the future", 3 << 16 | 999),
                version("the version that clients ask for to see whether servers negotiate", 3 << 16 | 9999),
                refused("protocol 2", 2 << 16),
                refused("protocol 4", 4 << 16),
                refused("protocol 0", 0),
                raw("TLS is asked for and not there", 1, (client, place) -> {
                    client.raw(int32(8, SSL_REQUEST)).flush().readByte();
                    ready(client);
                }),
                raw("GSS, then TLS, then neither", 2, (client, place) -> {
                    client.raw(int32(8, GSS_ENC_REQUEST)).flush().readByte();
                    client.raw(int32(8, SSL_REQUEST)).flush().readByte();
                    ready(client);
                }),
                raw("TLS, then GSS, then neither", 2, (client, place) -> {
                    client.raw(int32(8, SSL_REQUEST)).flush().readByte();
                    client.raw(int32(8, GSS_ENC_REQUEST)).flush().readByte();
                    ready(client);
                }),
                raw("an empty startup packet", (client, place) ->
                        client.raw(int32(8, WireClient.PROTOCOL_3_0)).leave()),
                raw("a startup packet of no length", (client, place) ->
                        client.raw(int32(0, WireClient.PROTOCOL_3_0)).leave()),
                raw("a startup packet that is too long", (client, place) ->
                        client.raw(int32(10_005, WireClient.PROTOCOL_3_0)).raw(new byte[9_000]).leave()),
                raw("the longest startup packet", (client, place) -> {
                    client.startup(Conversation.with(Map.of("application_name", "x".repeat(9_900)))).flush().untilReady();
                    client.simple("show application_name");
                }),
                raw("a startup packet without its end", (client, place) -> packet(client, "user\0postgres\0database")),
                raw("a startup packet with something behind its end", (client, place) -> packet(client, "user\0postgres\0\0more\0")),
                raw("a startup packet with a name only", (client, place) -> packet(client, "user\0postgres\0database\0")),
                raw("half a startup packet", (client, place) ->
                        client.raw(int32(100, WireClient.PROTOCOL_3_0)).raw(zeroEnded("user")).flush().shutdownOutput().untilClosed()),
                raw("nothing but a close", (client, place) -> client.shutdownOutput().untilClosed()),
                raw("another protocol", (client, place) ->
                        client.raw("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes()).leave()),
                starting("queries sent with the startup packet", Map.of(), (client, place) -> {
                    client.query("select 1").parse("", "select 2").bind("", "").execute("", 0).sync().flush();
                    client.untilReady();
                    client.untilReady();
                    client.untilReady();
                }),
                raw("a goodbye sent with the startup packet", (client, place) ->
                        client.startup(Conversation.with(Map.of())).message('X').leave()),
                raw("half a query sent with the startup packet", (client, place) -> {
                    client.startup(Conversation.with(Map.of())).raw(new byte[] {'Q', 0, 0}).flush().untilReady();
                    client.raw(new byte[] {0, 13}).raw(zeroEnded("select 7")).flush().untilReady();
                }),
                starting("a walsender's commands", Map.of("replication", "true"), (client, place) -> {
                    client.untilReady();
                    client.simple("SHOW server_version");
                    client.simple("TIMELINE_HISTORY 99");
                    client.simple("DROP_REPLICATION_SLOT no_such_slot");
                    client.simple("SELECT 1");
                    client.simple("NOT A COMMAND");
                }),
                starting("a walsender of a database", Map.of("replication", "database"), (client, place) -> {
                    client.untilReady();
                    client.simple("SELECT 1 AS one; SELECT 2");
                    client.simple("START_REPLICATION SLOT no_such_slot LOGICAL 0/0");
                    client.parse("", "SELECT 1").bind("", "").execute("", 0).sync().flush().untilReady();
                }),
                starting("a walsender of a database, with half a command in its startup", Map.of("replication", "database"),
                        (client, place) -> {
                            client.untilReady();
                            client.simple("BACKUP");
                            client.simple("SHOW search_path");
                        }),
                raw("half a command of a walsender sent with the startup packet", (client, place) -> {
                    client.startup(Conversation.with(Map.of("replication", "on"))).raw(new byte[] {'Q', 0, 0}).flush().untilReady();
                    client.raw(new byte[] {0, 24}).raw(zeroEnded("SHOW server_version")).flush().untilReady();
                }),
                starting("replication of no kind", Map.of("replication", "perhaps"), (client, place) -> client.untilClosed()),
                starting("no replication", Map.of("replication", "of"), (client, place) -> {
                    client.untilReady();
                    client.simple("select 1");
                }));
    }

    private static Conversation raw(String name, Conversation.Talk talk) {
        return Conversation.raw(name, 0, talk);
    }

    private static Conversation raw(String name, int answers, Conversation.Talk talk) {
        return Conversation.raw(name, answers, talk);
    }

    private static Conversation starting(String name, Map<String, String> parameters, Conversation.Talk talk) {
        return Conversation.starting(name, WireClient.PROTOCOL_3_0, Conversation.with(parameters), (client, place) -> {
            client.flush();
            talk.hold(client, place);
        });
    }

    private static Conversation version(String name, int version) {
        return Conversation.starting(name, version, Conversation.with(Map.of("_pq_.more", "1")), (client, place) -> {
            client.flush().untilReady();
            client.simple("select 1");
        });
    }

    private static Conversation refused(String name, int version) {
        return Conversation.starting(name, version, Conversation.with(Map.of()), (client, place) -> client.leave());
    }

    private static void ready(WireClient client) throws Exception {
        client.startup(Conversation.with(Map.of())).flush().untilReady();
        client.simple("select 1");
    }

    private static void packet(WireClient client, String text) throws Exception {
        var body = new ByteArrayOutputStream();
        body.writeBytes(int32(WireClient.PROTOCOL_3_0));
        body.writeBytes(text.getBytes());
        client.raw(int32(body.size() + 4)).raw(body.toByteArray()).leave();
    }
}
