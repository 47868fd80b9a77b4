package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever disturbs the stream that a chain of backups is made from: the chain stays exact, and says where it had to begin anew. */
class HistoryGapsIT {
    private static TestHoldfast holdfast;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    private static List<String> slots(Chained chained) throws SQLException {
        try (var connection = chained.connect()) {
            return Sessions.rows(
                    connection, "select slot_name from pg_replication_slots where database = current_database() and not temporary");
        }
    }

    @Test
    void slotsDropped() throws Exception {
        var chained = Chained.create(holdfast, "slots_dropped", "revision_history");
        chained.full();
        chained.change(1);
        chained.incrementThatContinues();
        chained.change(2);
        for (var slot : slots(chained)) {
            chained.run("select pg_drop_replication_slot('" + slot + "')");
        }
        chained.change(3);
        chained.incrementWithNewBases();
        chained.change(4);
        chained.incrementThatContinues();
        chained.check();
    }

    /** As an administrator would who wants to be helpful: it keeps nothing from before. */
    @Test
    @Tag("bench")
    void slotRecreated() throws Exception {
        var chained = Chained.create(holdfast, "slot_recreated", "");
        chained.full();
        chained.change(1);
        var slots = slots(chained);
        for (var slot : slots) {
            chained.run("select pg_drop_replication_slot('" + slot + "')");
        }
        chained.run("select pg_create_logical_replication_slot('" + slots.getFirst() + "', 'test_decoding')");
        chained.change(2);
        // What a snapshot may have missed is sought some seconds back.
        Thread.sleep(11_000);
        chained.change(3);
        chained.incrementWithNewBases();
        chained.change(4);
        chained.incrementThatContinues();
        chained.checkLast(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alter event trigger holdfast_ddl disable; alter table keyed add c int default 7;"
                        + " alter event trigger holdfast_ddl enable always",
                "drop event trigger holdfast_rewrite; alter table keyed alter v type varchar(50) using v || '!'",
                "drop schema holdfast cascade; alter table keyed add c int default 7",
                "refresh materialized view holdfast.secret; alter table keyed alter v type text using v || '!'"
            })
    void reportsOfDefinitionsDisturbed(String how) throws Exception {
        var database = "disturbed_" + Integer.toHexString(how.hashCode());
        var chained = Chained.create(holdfast, database, "");
        chained.full();
        chained.change(1);
        chained.run(how.split("; "));
        chained.change(2);
        chained.incrementWithNewBases();
        chained.change(3);
        chained.incrementThatContinues();
        chained.checkLast(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alter table keyed replica identity default",
                "alter table keyed replica identity nothing",
                "begin; alter table keyed replica identity using index keyed_pkey; update keyed set v = 'then' where id = 5; commit",
                "set session_replication_role = replica; alter table keyed replica identity default",
                // With which nothing is reported.
                "set event_triggers = off; alter table keyed replica identity default",
                "set event_triggers = off; alter table keyed replica identity default; delete from keyed where id = 50;"
                        + " set event_triggers = on; alter table keyed alter v set statistics 10"
            })
    void replicaIdentityChangedBack(String how) throws Exception {
        var database = "identity_" + Integer.toHexString(how.hashCode());
        var chained = Chained.create(holdfast, database, "revision_history");
        chained.full();
        chained.change(1);
        chained.run(how.split("; "));
        chained.run(
                "update keyed set id = id + 5000 where id = 20",
                "update keyed set v = 'after' where id = 30",
                "delete from keyed where id = 40");
        assertThat(chained.increment()).isEmpty();
        chained.change(2);
        chained.increment();
        chained.change(3);
        chained.increment();
        chained.checkLast(3);
    }

    @Test
    void forgedMessages() throws Exception {
        var chained = Chained.create(holdfast, "forged", "revision_history");
        chained.run(
                "drop role if exists forger",
                "create role forger",
                "create table forgeries (who text default current_user, at timestamptz default clock_timestamp())",
                "grant insert on forgeries to forger");
        chained.full();
        chained.change(1);
        try (var connection = chained.connect()) {
            Sessions.execute(connection, "set role forger");
            for (var content : List.of(
                    "{\"kind\":\"drop\",\"tables\":[%s]}",
                    "{\"kind\":\"drop\",\"tables\":[%s],\"secret\":\"\"}",
                    "{\"kind\":\"drop\",\"tables\":[%s],\"secret\":null}",
                    "{\"kind\":\"drop\",\"tables\":[%s],\"secret\":{\"a\":1}}",
                    "{\"kind\":\"rewrite\",\"table\":%s,\"secret\":\"guess\"}",
                    "{\"kind\":\"broken\",\"error\":\"x\"}",
                    "{\"kind\":\"barrier\",\"id\":\"x\"}",
                    "[[[[%s]]]]",
                    "not json at all %s",
                    "\"holdfast\"")) {
                for (var transactional : List.of("true", "false")) {
                    for (var prefix : List.of("holdfast", "holdfast, sz: 99999 content:", "x, sz: ")) {
                        Sessions.execute(
                                connection,
                                "select pg_logical_emit_message(" + transactional + ", '" + prefix + "', format('" + content
                                        + "', 'keyed'::regclass::oid))");
                    }
                }
            }
            // Bytes that are no text, much of it, and deep.
            Sessions.execute(
                    connection,
                    "begin",
                    "select pg_logical_emit_message(true, 'holdfast', '\\xff00fe7b'::bytea)",
                    "insert into forgeries default values",
                    "select pg_logical_emit_message(true, 'holdfast', repeat('[', 100000))",
                    "select pg_logical_emit_message(false, 'holdfast', repeat('x', 5000000))",
                    "commit");
            assertThatThrownBy(() -> Sessions.execute(connection, "select * from holdfast.secret"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> Sessions.execute(connection, "select holdfast.report('{}')"))
                    .hasMessageContaining("permission denied");
        }
        chained.change(2);
        chained.incrementThatContinues();
        chained.change(3);
        chained.incrementThatContinues();
        chained.check();
    }

    /** What privileges are given by default is not meant for the secret. */
    @Test
    void defaultPrivilegesDoNotGiveTheSecretAway() throws Exception {
        var chained = Chained.create(holdfast, "generous", "");
        chained.full();
        chained.run(
                "drop role if exists generously",
                "create role generously",
                "alter event trigger holdfast_ddl disable",
                "alter default privileges for role " + service() + " grant select on tables to public, generously",
                "alter default privileges for role " + service() + " grant usage on schemas to public, generously");
        chained.full();
        try (var connection = chained.connect()) {
            assertThat(Sessions.one(connection, "select count(*) from pg_event_trigger where evtenabled = 'A'")).isEqualTo("3");
            Sessions.execute(connection, "set role generously");
            assertThatThrownBy(() -> Sessions.execute(connection, "select * from holdfast.secret"))
                    .hasMessageContaining("permission denied");
        }
        chained.run("drop owned by generously", "drop role generously");
    }

    private static String service() throws SQLException {
        try (var connection = holdfast.connect("system")) {
            return Sessions.one(connection, "select quote_ident(pg_get_userbyid(datdba)) from pg_database where datname = 'system'");
        }
    }
}
