package dev.holdfast.it.relay;

import dev.holdfast.it.support.WireClient;
import java.util.List;

/** COPY in and out, in both protocols, with errors at the start, in the middle and at the end, and clients that give up. */
final class CopyConversations {
    private static final String IN = "copy copied from stdin";

    private CopyConversations() {}

    private static WireClient execute(WireClient client, String sql) {
        return client.parse("", sql).bind("", "").describe('P', "").execute("", 0);
    }

    private static WireClient rows(WireClient client, int count) {
        for (int i = 0; i < count; i++) {
            client.copyData(i + "\trow number " + i + "\n");
        }
        return client;
    }

    private static WireClient done(WireClient client) {
        return client.message('c');
    }

    private static WireClient fail(WireClient client) {
        return client.message('f', WireClient.zeroEnded("I have changed my mind"));
    }

    private static void count(WireClient client) throws Exception {
        client.simple("select count(*), sum(a) from copied");
    }

    static List<Conversation> all() {
        return List.of(
                Conversation.of("copy in", (client, place) -> {
                    client.query(IN).flush().until('G');
                    done(rows(client, 1000)).flush().untilReady();
                    count(client);
                    client.query("copy copied from stdin (format csv)").flush().until('G');
                    // Rows need not end where messages end.
                    client.copyData("1,\"o").copyData("ne\"\n2,t").copyData("").copyData("wo\n");
                    done(client).flush().untilReady();
                    count(client);
                }),
                Conversation.of("copy in without waiting for the answer", (client, place) -> {
                    client.query(IN);
                    done(rows(client, 100)).query("select count(*) from copied").flush().untilReady();
                    client.untilReady();
                }),
                Conversation.of("copy in, extended", (client, place) -> {
                    execute(client, IN).message('H').flush().until('G');
                    done(rows(client, 100)).sync().flush().untilReady();
                    count(client);
                    execute(client, IN);
                    done(rows(client, 100)).sync().flush().untilReady();
                    count(client);
                }),
                Conversation.of("sync and flush while copying are ignored", (client, place) -> {
                    client.query(IN).flush().until('G');
                    rows(client, 5).sync().message('H').sync();
                    done(rows(client, 5)).flush().untilReady();
                    // libpq sends a Sync right behind the Execute.
                    execute(client, IN).sync().flush().until('G');
                    rows(client, 5).sync();
                    done(rows(client, 5)).sync().flush().untilReady();
                    execute(client, IN).sync().sync();
                    done(rows(client, 3)).sync().query("select 1").flush().untilReady();
                    client.untilReady();
                    count(client);
                }),
                Conversation.of("two copies in one query", (client, place) -> {
                    client.query(IN + "; " + IN + "; select count(*) from copied").flush().until('G');
                    done(rows(client, 3)).flush().until('G');
                    done(rows(client, 4)).flush().untilReady();
                    client.query(IN + "; " + IN);
                    done(rows(client, 3)).sync();
                    done(rows(client, 4)).sync().flush().untilReady();
                    client.untilReady();
                    count(client);
                }),
                Conversation.of("an error before copy in begins", (client, place) -> {
                    client.query("copy no_such_table from stdin");
                    done(rows(client, 10)).flush().untilReady();
                    client.simple("select 1");
                    execute(client, "copy no_such_table from stdin");
                    done(rows(client, 10)).sync().flush().untilReady();
                    execute(client, "copy t (no_such_column) from stdin").sync();
                    done(rows(client, 10)).sync().flush().untilReady();
                    client.untilReady();
                }),
                Conversation.of("an error in the first row copied in", (client, place) -> {
                    client.query(IN).flush().until('G');
                    client.copyData("x\ty\n");
                    done(rows(client, 10)).query("select 2").flush().untilReady();
                    client.untilReady();
                    execute(client, IN).message('H').flush().until('G');
                    client.copyData("x\ty\n");
                    done(rows(client, 10)).query("select 'skipped'").sync().flush().untilReady();
                    count(client);
                }),
                Conversation.of("an error in the middle of copy in", (client, place) -> {
                    client.query("begin; " + IN).flush().until('G');
                    rows(client, 5000).copyData("not a number\tx\n");
                    done(rows(client, 5000)).flush().untilReady();
                    client.simple("select 1");
                    client.simple("rollback");
                    execute(client, IN).message('H').flush().until('G');
                    rows(client, 5000).copyData("not a number\tx\n");
                    done(rows(client, 5000)).sync().flush().untilReady();
                    count(client);
                }),
                Conversation.of("an error at the end of copy in", (client, place) -> {
                    client.query("copy checked from stdin").flush().until('G');
                    done(client.copyData("1\n").copyData("1\n")).flush().untilReady();
                    execute(client, "copy checked from stdin").message('H').flush().until('G');
                    done(client.copyData("1\n").copyData("1\n")).sync().flush().untilReady();
                    client.query(IN).flush().until('G');
                    done(client.copyData("1\tcut off")).flush().untilReady();
                    client.query(IN).flush().until('G');
                    done(client.copyData("1")).flush().untilReady();
                    count(client);
                }),
                Conversation.of("a client that gives copy in up", (client, place) -> {
                    client.query(IN).flush().until('G');
                    fail(rows(client, 10)).flush().untilReady();
                    execute(client, IN).message('H').flush().until('G');
                    fail(rows(client, 10)).parse("", "select 'skipped'").sync().flush().untilReady();
                    execute(client, IN).sync().flush().until('G');
                    fail(rows(client, 10)).sync().flush().untilReady();
                    count(client);
                }),
                Conversation.of("copy in by a client that goes away", (client, place) -> {
                    client.query(IN).flush().until('G');
                    rows(client, 10).message('X').leave();
                }),
                Conversation.of("copy in by a client that says no more", (client, place) -> {
                    client.query(IN).flush().until('G');
                    rows(client, 10).flush().shutdownOutput().untilClosed();
                }),
                Conversation.of("a query while copying in", (client, place) -> {
                    client.query(IN).flush().until('G');
                    rows(client, 10).query("select 1").leave();
                }),
                Conversation.of("copy messages out of place", (client, place) -> {
                    done(rows(client, 3)).query("select 1").flush().untilReady();
                    fail(client).sync().flush().untilReady();
                    client.parse("", "select 2").copyData("x").bind("", "").message('c').execute("", 0).sync().flush().untilReady();
                }),
                Conversation.of("binary copy in", (client, place) -> {
                    client.query("copy copied from stdin (format binary)").flush().until('G');
                    client.message('d', new byte[] {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0},
                            WireClient.int32(0, 0), WireClient.int16(2), WireClient.int32(4, 7), WireClient.int32(1), "x".getBytes(),
                            WireClient.int16(-1));
                    done(client).flush().untilReady();
                    count(client);
                }),
                Conversation.of("20 MB copied in", (client, place) -> {
                    client.query(IN).flush().until('G');
                    for (int i = 0; i < 20; i++) {
                        client.copyData(("1\t" + "x".repeat(997) + "\n").repeat(1_000));
                    }
                    done(client).flush().untilReady();
                    count(client);
                }),
                Conversation.of("one message of 20 MB copied in", (client, place) -> {
                    client.query(IN).flush().until('G');
                    done(client.copyData(("1\t" + "x".repeat(997) + "\n").repeat(20_000))).flush().untilReady();
                    count(client);
                }),
                Conversation.of("copy out", (client, place) -> {
                    client.simple("copy t to stdout");
                    client.simple("copy t to stdout (format csv, header); copy t (b) to stdout; select 1");
                    client.simple("copy (select i from generate_series(1, 100) i) to stdout (format binary)");
                    execute(client, "copy t to stdout");
                    execute(client, "copy t to stdout").sync().flush().untilReady();
                }),
                Conversation.of("errors of copy out", (client, place) -> {
                    client.simple("copy no_such_table to stdout");
                    client.simple("copy (select 1/(500 - i) from generate_series(1, 1000) i) to stdout");
                    execute(client, "copy (select 1/(500 - i) from generate_series(1, 1000) i) to stdout");
                    execute(client, "select 'skipped'").sync().flush().untilReady();
                    client.simple("select 1");
                }),
                Conversation.of("30 MB copied out", (client, place) ->
                        client.simple("copy (select i, repeat('y', 100) from generate_series(1, 300000) i) to stdout")),
                Conversation.of("a copy out that the client has no more patience for", (client, place) -> {
                    client.query("copy (select repeat('y', 1000) from generate_series(1, 1000)) to stdout").message('X').flush();
                    client.untilClosed();
                }));
    }
}
