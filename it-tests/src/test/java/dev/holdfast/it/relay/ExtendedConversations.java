package dev.holdfast.it.relay;

import static dev.holdfast.it.support.WireClient.int16;
import static dev.holdfast.it.support.WireClient.int32;
import static dev.holdfast.it.support.WireClient.zeroEnded;

import dev.holdfast.it.support.WireClient;
import java.util.ArrayList;
import java.util.List;

/** The extended protocol: statements, portals, pipelines, and errors at every place in them. */
final class ExtendedConversations {
    private ExtendedConversations() {}

    private static WireClient statement(WireClient client, String sql) {
        return client.parse("", sql).bind("", "").execute("", 0);
    }

    static List<Conversation> all() {
        var all = new ArrayList<>(List.of(
                Conversation.of("one statement", (client, place) -> {
                    client.parse("", "select a, b from t where a < $1 order by a", 23).describe('S', "");
                    client.bind("", "", "3").describe('P', "").execute("", 0).sync().flush().untilReady();
                }),
                Conversation.of("named statements and portals", (client, place) -> {
                    client.parse("s", "select $1::int + 1 as more").sync().flush().untilReady();
                    client.simple("begin");
                    client.bind("p1", "s", "1").bind("p2", "s", 1, "2").execute("p2", 0).execute("p1", 0).sync().flush().untilReady();
                    client.close('P', "p1").close('P', "p1").close('S', "s").close('S', "no such").sync().flush().untilReady();
                    client.execute("p2", 0).sync().flush().untilReady();
                    client.simple("commit");
                    client.bind("", "s").sync().flush().untilReady();
                }),
                Conversation.of("a name that is taken", (client, place) -> {
                    client.parse("s", "select 1").parse("s", "select 2").sync().flush().untilReady();
                    client.bind("", "s").execute("", 0).sync().flush().untilReady();
                    client.simple("deallocate s");
                    client.parse("s", "select 3").bind("", "s").execute("", 0).sync().flush().untilReady();
                }),
                Conversation.of("what does not exist", (client, place) -> {
                    client.bind("", "nothing").sync().flush().untilReady();
                    client.describe('S', "nothing").sync().flush().untilReady();
                    client.describe('P', "nothing").sync().flush().untilReady();
                    client.execute("nothing", 0).sync().flush().untilReady();
                    client.describe('X', "nothing").sync().flush().untilReady();
                    client.close('X', "nothing").sync().flush().untilReady();
                }),
                Conversation.of("row limits", (client, place) -> {
                    client.parse("", "select generate_series(1, 10)").bind("", "").execute("", 4).execute("", 4).execute("", 4)
                            .execute("", 4).sync().flush().untilReady();
                    client.simple("begin");
                    client.parse("", "select generate_series(1, 5)").bind("p", "").execute("p", 2).sync().flush().untilReady();
                    client.execute("p", 2).sync().flush().untilReady();
                    client.execute("p", 2).sync().flush().untilReady();
                    client.simple("commit");
                    client.execute("p", 2).sync().flush().untilReady();
                }),
                Conversation.of("what returns no rows", (client, place) -> {
                    client.parse("", "").describe('S', "").bind("", "").describe('P', "").execute("", 0).sync().flush().untilReady();
                    client.parse("", "insert into t values (20, 'x')").describe('S', "").bind("", "").describe('P', "")
                            .execute("", 0).sync().flush().untilReady();
                    client.parse("", "insert into t values (21, 'x') returning a").describe('S', "").bind("", "").execute("", 1)
                            .sync().flush().untilReady();
                    statement(client, "set timezone = 'UTC'").sync().flush().untilReady();
                }),
                Conversation.of("flush without sync", (client, place) -> {
                    client.parse("", "select 1").message('H').flush().until('1');
                    client.bind("", "").describe('P', "").message('H').flush().until('T');
                    client.execute("", 0).message('H').flush().until('C');
                    client.message('H').message('H').sync().flush().untilReady();
                }),
                Conversation.of("an error and a flush, then sync", (client, place) -> {
                    client.parse("", "selec").message('H').flush().until('E');
                    statement(client, "select 1").message('H').query("select 2").sync().flush().untilReady();
                    statement(client, "select 3").sync().flush().untilReady();
                }),
                Conversation.of("a pipeline in one transaction", (client, place) -> {
                    for (int i = 30; i < 60; i++) {
                        statement(client, "insert into t values (" + i + ", 'piped')");
                    }
                    statement(client, "select count(*) from t").sync().flush().untilReady();
                    statement(client, "insert into t values (60, 'gone')");
                    statement(client, "insert into t values (30, 'again')");
                    statement(client, "insert into t values (61, 'skipped')").sync().flush().untilReady();
                    client.simple("select count(*) from t");
                }),
                Conversation.of("a pipeline with many syncs", (client, place) -> {
                    for (int i = 0; i < 20; i++) {
                        statement(client, i % 3 == 0 ? "select 1/0" : "select " + i);
                        statement(client, "select 'behind'").sync();
                    }
                    client.sync().sync().flush();
                    for (int i = 0; i < 22; i++) {
                        client.untilReady();
                    }
                }),
                Conversation.of("transaction commands in a pipeline", (client, place) -> {
                    statement(client, "begin");
                    statement(client, "insert into t values (70, 'in a block')").sync();
                    statement(client, "select 1/0").sync();
                    statement(client, "select 'refused'").sync();
                    statement(client, "rollback").sync().flush();
                    for (int i = 0; i < 4; i++) {
                        client.untilReady();
                    }
                    statement(client, "select 1");
                    statement(client, "commit");
                    statement(client, "vacuum t").sync().flush().untilReady();
                }),
                Conversation.of("simple and extended queries without a sync between", (client, place) -> {
                    statement(client, "select 1").query("select 2");
                    statement(client, "select 3").query("select 1/0");
                    statement(client, "select 4").sync().flush();
                    for (int i = 0; i < 3; i++) {
                        client.untilReady();
                    }
                    // An error in the extended protocol makes the server skip a simple query too.
                    statement(client, "select 1/0").query("select 'skipped'").sync().flush().untilReady();
                }),
                Conversation.of("parameters of all kinds", (client, place) -> {
                    client.parse("", "select $1::int8, $2::bytea, $3::text, $4::numeric, $5::timestamptz").describe('S', "");
                    client.message('B', zeroEnded(""), zeroEnded(""), int16(5, 1, 1, 0, 0, 0), int16(5),
                                    int32(8, 0, 42), int32(3), new byte[] {0, 1, 2}, int32(-1), int32(4), "12.5".getBytes(),
                                    int32(10), "2020-01-01".getBytes(), int16(5, 1, 1, 0, 1, 0))
                            .execute("", 0).sync().flush().untilReady();
                }),
                Conversation.of("a parameter of 20 MB", (client, place) -> {
                    client.parse("", "select length($1), md5($1)").bind("", "", "0123456789".repeat(2_000_000)).execute("", 0)
                            .sync().flush().untilReady();
                }),
                Conversation.of("as many parameters as there can be", (client, place) -> {
                    var sql = new StringBuilder("select 0");
                    var values = new String[65_535];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = Integer.toString(i);
                    }
                    sql.append(" + $65535::int");
                    client.parse("", sql.toString()).bind("", "", values).execute("", 0).sync().flush().untilReady();
                }),
                Conversation.of("wrong parameters", (client, place) -> {
                    client.parse("s", "select $1::int").sync().flush().untilReady();
                    client.bind("", "s").sync().flush().untilReady();
                    client.bind("", "s", "1", "2").sync().flush().untilReady();
                    client.bind("", "s", "not a number").execute("", 0).sync().flush().untilReady();
                    client.message('B', zeroEnded(""), zeroEnded("s"), int16(1, 7), int16(1), int32(1), new byte[] {1}, int16(0))
                            .sync().flush().untilReady();
                    client.message('B', zeroEnded(""), zeroEnded("s"), int16(0), int16(1), int32(1), new byte[] {'1'}, int16(2, 0, 0))
                            .sync().flush().untilReady();
                    client.parse("", "select $1").bind("", "", "text").describe('P', "").execute("", 0).sync().flush().untilReady();
                }),
                Conversation.of("portals that survive and portals that do not", (client, place) -> {
                    client.parse("s", "select generate_series(1, 4)").bind("p", "s").execute("p", 1).sync().flush().untilReady();
                    client.execute("p", 1).sync().flush().untilReady();
                    client.simple("begin");
                    client.bind("p", "s").execute("p", 1).bind("p", "s").sync().flush().untilReady();
                    client.simple("rollback");
                }),
                Conversation.of("DISCARD ALL in the middle", (client, place) -> {
                    client.parse("s", "select 1").sync().flush().untilReady();
                    client.simple("discard all");
                    client.bind("", "s").sync().flush().untilReady();
                    client.parse("s", "select 2").bind("", "s").execute("", 0).sync().flush().untilReady();
                })));
        for (var broken : List.of("Parse", "Bind", "Describe", "Execute")) {
            all.add(Conversation.of("a pipeline whose " + broken + " fails", (client, place) -> {
                statement(client, "select 'before'");
                switch (broken) {
                    case "Parse" -> client.parse("", "select from where").bind("", "").execute("", 0);
                    case "Bind" -> client.parse("", "select $1::int").bind("", "", "x").execute("", 0);
                    case "Describe" -> client.parse("", "select 1").describe('P', "none").execute("", 0);
                    default -> client.parse("", "select 1/(a - 2) from t order by a").bind("", "").execute("", 0);
                }
                statement(client, "select 'behind'").sync();
                statement(client, "select 'next'").sync().flush().untilReady();
                client.untilReady();
            }));
        }
        return all;
    }
}
