package dev.holdfast.it.relay;

import dev.holdfast.it.support.WireClient;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;

/** The simple protocol, transactions, settings, notifications, function calls. */
final class QueryConversations {
    private QueryConversations() {}

    static List<Conversation> all() {
        return List.of(
                Conversation.of("empty queries", (client, place) -> {
                    client.simple("");
                    client.simple(" ;; ; ");
                    client.simple("-- nothing but a comment");
                }),
                Conversation.of("several statements in a query", (client, place) -> {
                    client.simple("select 1; select 2, null; insert into t values (10, 'ten') returning *; select count(*) from t");
                    client.simple("select 1; select 1/0; select 3");
                    client.simple("insert into t values (11, 'eleven'); selec 1; select 2");
                    client.simple("begin; insert into t values (11, 'eleven'); select 1/0; commit");
                    client.simple("rollback");
                    client.simple("select count(*) from t");
                }),
                Conversation.of("text that looks like statements of other servers", (client, place) -> {
                    client.simple("/* BACKUP */ select 'RESTORE; SHOW JOBS' as \"BACKUP\"");
                    client.simple("select $$ ; BACKUP DATABASE x INTO 'y'; $$, E'\\'; RESTORE', U&'\\0041'");
                    client.simple("show search_path; show transaction isolation level; show time zone");
                    client.simple("insert into backup values (1) returning show; delete from backup; select show as restore from backup");
                    client.simple("alter table t rename to backups; alter table backups rename to t");
                    client.simple("explain (costs off) select * from t");
                }),
                Conversation.of("transaction states", (client, place) -> {
                    client.simple("begin");
                    client.simple("savepoint s; select 1/0");
                    client.simple("select 1");
                    client.simple("rollback to s; select 2");
                    client.simple("commit");
                    client.simple("commit");
                    client.simple("begin; begin");
                    client.simple("rollback and chain");
                    client.simple("rollback");
                }),
                Conversation.of("notices, warnings and raised errors", (client, place) -> {
                    client.simple("do $$ begin raise notice 'a % notice', 'fine'; raise warning 'beware'; end $$");
                    client.simple("do $$ begin raise exception 'no' using errcode = 'HF001', detail = 'd', hint = 'h'; end $$");
                    client.simple("drop table if exists no_such_table");
                    client.simple("set client_min_messages = debug1; select 1");
                    client.simple("insert into t values (1, 'again')");
                }),
                Conversation.of("settings that are reported", (client, place) -> {
                    for (var setting : List.of(
                            "application_name = 'another'", "timezone = 'Asia/Tokyo'", "datestyle = 'German'",
                            "intervalstyle = 'iso_8601'", "standard_conforming_strings = off", "client_encoding = 'LATIN1'",
                            "default_transaction_read_only = on", "search_path = pg_catalog")) {
                        client.simple("set " + setting);
                    }
                    client.simple("begin; set local timezone = 'UTC'");
                    client.simple("rollback");
                    client.simple("reset all");
                    client.simple("discard all");
                }),
                Conversation.of("another encoding", Map.of("client_encoding", "LATIN1"), (client, place) -> {
                    client.message('Q', new byte[] {'s', 'e', 'l', 'e', 'c', 't', ' ', '\'', (byte) 0xe9, '\'', 0}).flush().untilReady();
                    client.simple("select U&'\\20AC'");
                    client.simple("set client_encoding = 'UTF8'");
                    client.message('Q', new byte[] {'s', 'e', 'l', 'e', 'c', 't', ' ', '\'', (byte) 0xe9, '\'', 0}).flush().untilReady();
                }),
                Conversation.of("strings as they were before 9.1", Map.of("options", "-c standard_conforming_strings=off"),
                        (client, place) -> client.simple("select 'a\\'; show jobs; --'")),
                Conversation.of("a large result", (client, place) ->
                        client.simple("select i, repeat('x', i % 1000) from generate_series(1, 20000) i")),
                Conversation.of("a row of 20 MB", (client, place) -> client.simple("select repeat('0123456789', 2000000)")),
                Conversation.of("a query of 3 MB", (client, place) ->
                        client.simple("select length('" + "long ".repeat(600_000) + "'); select 2")),
                Conversation.of("queries around the length up to which they are looked at", (client, place) -> {
                    for (int length = (1 << 20) - 24; length < (1 << 20) - 16; length++) {
                        client.simple("select length('" + "x".repeat(length) + "')");
                    }
                }),
                Conversation.of("many small queries at once", (client, place) -> {
                    for (int i = 0; i < 500; i++) {
                        client.query("select " + i);
                    }
                    client.flush();
                    for (int i = 0; i < 500; i++) {
                        client.untilReady();
                    }
                }),
                Conversation.of("cursors", (client, place) -> {
                    client.simple("begin; declare c cursor for select generate_series(1, 10); fetch 3 from c");
                    client.simple("declare h binary cursor with hold for select generate_series(1, 3)");
                    client.simple("move 2 in c; fetch all from c; close c; commit");
                    client.simple("fetch all from h; close h; close c");
                }),
                Conversation.of("notifications to oneself", (client, place) -> {
                    client.simple("listen a; notify a, 'first'; notify a; notify b");
                    client.simple("begin; notify a, 'later'");
                    client.simple("select 1");
                    client.simple("commit");
                    client.simple("begin; notify a; rollback");
                    client.simple("unlisten *");
                }),
                Conversation.of("a notification while idle", (client, place) -> {
                    client.simple("listen idle");
                    try (var other = place.connect()) {
                        other.simple("notify idle, 'wake up'; notify idle, '" + "long ".repeat(1_500) + "'");
                    }
                    client.until('A');
                    client.until('A');
                    client.simple("select 1");
                }),
                Conversation.of("notifications in a transaction come behind it", (client, place) -> {
                    client.simple("listen busy; begin; select 1");
                    try (var other = place.connect()) {
                        other.simple("notify busy");
                    }
                    client.simple("select 2");
                    client.simple("commit");
                    client.simple("select 3");
                }),
                Conversation.of("notifications during COPY", (client, place) -> {
                    client.simple("listen copying");
                    client.query("copy copied from stdin").flush().until('G');
                    try (var other = place.connect()) {
                        other.simple("notify copying, 'now'");
                    }
                    client.copyData("1\tone\n").flush();
                    Thread.sleep(100);
                    client.copyData("2\ttwo\n").message('c').flush();
                    client.until('A');
                    client.simple("select * from copied order by a");
                }),
                Conversation.of("function calls", (client, place) -> {
                    // int4pl, parameters and result in binary, then as text, then something that fails.
                    call(client, 177, 1, 1, new byte[][] {WireClient.int32(40), WireClient.int32(2)}).flush().untilReady();
                    call(client, 177, 0, 0, new byte[][] {"40".getBytes(), "2".getBytes()}).flush().untilReady();
                    call(client, 154, 0, 0, new byte[][] {"1".getBytes(), "0".getBytes()}).flush().untilReady();
                    call(client, 1, 0, 0, new byte[0][]).flush().untilReady();
                    client.simple("begin; select 1/0");
                    call(client, 177, 0, 0, new byte[][] {"40".getBytes(), "2".getBytes()}).flush().untilReady();
                    client.simple("rollback");
                    call(client, 177, 0, 0, new byte[][] {"1".getBytes(), null}).query("select 1").flush().untilReady();
                    client.untilReady();
                }),
                Conversation.of("a statement that takes too long", (client, place) -> {
                    client.simple("set statement_timeout = '50ms'; select pg_sleep(10)");
                    client.simple("select 1");
                }),
                Conversation.of("a session that ends itself", (client, place) -> {
                    client.query("select 1; select pg_terminate_backend(pg_backend_pid()); select 2").leave();
                }),
                Conversation.of("a session that is ended while idle", Map.of("options", "-c idle_session_timeout=300"),
                        (client, place) -> client.untilClosed()),
                Conversation.of("a transaction that is ended while idle",
                        Map.of("options", "-c idle_in_transaction_session_timeout=300"), (client, place) -> {
                    client.simple("begin");
                    client.untilClosed();
                }),
                Conversation.of("the last query of a client that says no more", (client, place) ->
                        client.query("select pg_sleep(0.3), 'still there'").flush().shutdownOutput().untilClosed()),
                Conversation.of("the last pipeline of a client that says no more", (client, place) -> {
                    client.parse("", "select generate_series(1, 3)").bind("", "").execute("", 0).sync();
                    client.query("select 2").flush().shutdownOutput().untilClosed();
                }),
                Conversation.of("large results to a client that says no more", (client, place) ->
                        client.query("select repeat('x', 1000) from generate_series(1, 5000)").flush().shutdownOutput().untilClosed()));
    }

    private static WireClient call(WireClient client, int function, int format, int resultFormat, byte[][] arguments) {
        var values = new ByteArrayOutputStream();
        for (var argument : arguments) {
            values.writeBytes(WireClient.int32(argument == null ? -1 : argument.length));
            if (argument != null) {
                values.writeBytes(argument);
            }
        }
        return client.message(
                'F',
                WireClient.int32(function),
                WireClient.int16(1, format),
                WireClient.int16(arguments.length),
                values.toByteArray(),
                WireClient.int16(resultFormat));
    }
}
