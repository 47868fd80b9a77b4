package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Of tables that were changed since the instant of their backup, a few rows are left out. Where they can be found by a key the
 * server leaves them out, and the rest is read as fast as ever.
 */
class OmittedRowsIT {
    private static final int ROWS = 2000;

    /**
     * @param values by the number of the row
     * @param findable whether rows can be looked for by it
     */
    private record Key(String names, String columns, String values, String constraint, boolean findable) {}

    private static Map<String, Key> keys() {
        var keys = new LinkedHashMap<String, Key>();
        keys.put("by_int", new Key("k", "k int", "i", "primary key (k)", true));
        keys.put("by_deferred", new Key("k", "k bigint", "i", "primary key (k) deferrable initially deferred", true));
        keys.put("by_pair", new Key("a, b", "a text, b uuid", "md5(i::text), md5(i::text)::uuid", "primary key (b, a)", true));
        keys.put("by_varchar", new Key("k", "k varchar(40) collate \"C\"", "'it''s ' || i", "primary key (k)", true));
        keys.put("by_char", new Key("k", "k char(12)", "i::text", "primary key (k)", true));
        keys.put("by_numeric", new Key("k", "k numeric", "i / 7.0", "primary key (k)", true));
        keys.put("by_float", new Key("k", "k float8", "i / 7.0::float8", "primary key (k)", true));
        keys.put("by_time", new Key("k", "k timestamptz", "'2001-01-01'::timestamptz + i * interval '1 hour 1 microsecond'", "primary key (k)", true));
        keys.put("by_array", new Key("k", "k int[]", "array[i, null, i]", "primary key (k)", true));
        keys.put("by_range", new Key("k", "k int4range", "int4range(i, i + 1)", "primary key (k)", true));
        keys.put("by_unique", new Key("k", "k int not null", "i", "unique (k)", true));
        keys.put("\"By \"\"odd\"\" name, [x]\"", new Key("\"k .\"\"]\"", "\"k .\"\"]\" int", "i", "primary key (\"k .\"\"]\")", true));
        keys.put("by_umlaut", new Key("k", "k text", "'ä' || i", "primary key (k)", false));
        keys.put("by_backslash", new Key("k", "k text", "'\\' || i", "primary key (k)", true));
        keys.put("by_tab", new Key("k", "k text", "chr(9) || i", "primary key (k)", false));
        keys.put("by_bytea", new Key("k", "k bytea", "decode(md5(i::text), 'hex')", "primary key (k)", true));
        keys.put("by_domain", new Key("k", "k small", "'d' || i", "primary key (k)", true));
        keys.put("by_row", new Key("k", "k pair", "row(i, i)::pair", "primary key (k)", true));
        keys.put("by_enum_pair", new Key("k, e", "k int, e mood", "i, 'sad'", "primary key (k, e)", true));
        keys.put("by_nothing", new Key("k", "k int", "i", "check (k > 0)", false));
        keys.put("by_generated", new Key("k", "k int, g int generated always as (k) stored", "i", "primary key (g)", false));
        return keys;
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void rowsAreFoundByEveryKindOfKey(int version) throws Exception {
        try (var postgres = TestPostgres.start(version, Map.of("log_statement", "all"));
                var holdfast = TestHoldfast.inFrontOf(postgres);
                var story = Story.begin(holdfast, "keyed")) {
            story.execute(
                    "create type mood as enum ('sad', 'happy')",
                    "create type pair as (a int, b int)",
                    "create domain small as varchar(20) check (value like 'd%')",
                    // A row in every block.
                    "create table many (id int primary key, v text) with (fillfactor = 10)",
                    "insert into many select i, repeat('x', 500) from generate_series(1, 13000) i");
            for (var entry : keys().entrySet()) {
                story.execute(
                        "create table " + entry.getKey() + " (v text, " + entry.getValue().columns() + ", n int, "
                                + entry.getValue().constraint() + ")",
                        "alter table " + entry.getKey() + " alter v set storage plain");
                story.execute(insert(entry.getKey(), entry.getValue(), 1, ROWS));
            }
            story.awaitLook();
            var scene = story.scene("before");
            for (var entry : keys().entrySet()) {
                change(story, entry.getKey(), entry.getValue());
            }
            story.execute("update many set v = 'y' where id % 9 = 0");
            story.administer("backup database keyed into 'nodelocal://1/keyed'" + scene.asOf());
            story.assertRestores(scene, "from latest in 'nodelocal://1/keyed'");
            var log = postgres.log();
            assertThat(log).contains(" from only \"public\".\"many\" where ctid <> all");
            for (var entry : keys().entrySet()) {
                var read = " from only \"public\"." + quoted(entry.getKey()) + " where ctid <> all";
                assertThat(log.contains(read)).as(entry.getKey()).isEqualTo(entry.getValue().findable());
            }
        }
    }

    /** The sum of all balances is always 0, and each is the sum of its transfers, which have no key. */
    @Test
    void underLoad() throws Exception {
        try (var postgres = TestPostgres.start(17, Map.of("log_statement", "all"));
                var holdfast = TestHoldfast.inFrontOf(postgres);
                var admin = holdfast.connect("postgres")) {
            Sessions.execute(admin, "create database slow_bank", "alter database slow_bank configure zone using history = on");
            try (var bank = holdfast.connect("slow_bank")) {
                Sessions.execute(
                        bank,
                        "create table accounts (id int primary key, balance int not null, wide text)",
                        "alter table accounts alter wide set storage plain",
                        "insert into accounts select i, 0, repeat('x', 4100) from generate_series(1, 2000) i",
                        "create table transfers (account int, amount int)");
            }
            Sessions.execute(admin, "backup database slow_bank into 'nodelocal://1/first'");
            var stopping = new AtomicBoolean();
            var work = Thread.ofPlatform().start(() -> transfer(holdfast, stopping));
            try {
                for (int i = 0; i < 4; i++) {
                    Thread.sleep(3000);
                    Sessions.execute(
                            admin,
                            "backup database slow_bank into 'nodelocal://1/past" + i + "' as of system time '-2s'",
                            "restore database slow_bank from latest in 'nodelocal://1/past" + i + "' with new_db_name = 'restored'");
                    try (var restored = holdfast.connect("restored")) {
                        assertThat(Sessions.rows(restored, "select sum(balance), count(*) from accounts")).containsExactly("0|2000");
                        assertThat(Sessions.rows(
                                        restored,
                                        "select id from accounts where balance <> (select coalesce(sum(amount), 0) from transfers where account = id)"))
                                .isEmpty();
                    }
                    Sessions.execute(admin, "drop database restored");
                }
            } finally {
                stopping.set(true);
                work.join();
            }
            assertThat(postgres.log()).contains(" from only \"public\".\"accounts\" where ctid <> all");
        }
    }

    private static void transfer(TestHoldfast holdfast, AtomicBoolean stopping) {
        var random = new Random(1);
        try (var bank = holdfast.connect("slow_bank")) {
            while (!stopping.get()) {
                int from = 1 + random.nextInt(1000);
                int to = 1001 + random.nextInt(1000);
                int amount = random.nextInt(100);
                Sessions.execute(
                        bank,
                        "begin",
                        "update accounts set balance = balance - " + amount + " where id = " + from,
                        "update accounts set balance = balance + " + amount + " where id = " + to,
                        "insert into transfers values (" + from + ", -" + amount + "), (" + to + ", " + amount + ")",
                        "commit");
                Thread.sleep(30);
            }
        } catch (SQLException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String quoted(String name) {
        return name.startsWith("\"") ? name : "\"" + name + "\"";
    }

    private static String insert(String table, Key key, int from, int to) {
        return "insert into " + table + " (v, " + key.names() + ", n) select (select string_agg(md5(i::text || x), '') from generate_series(1, 50) x), "
                + key.values() + ", i from generate_series(" + from + ", " + to + ") i";
    }

    /** Also of rows that were changed before, and in pages that have been cleared since. */
    private static void change(Story story, String table, Key key) throws Exception {
        story.execute(
                "update " + table + " set n = -n where n % 200 = 0",
                "update " + table + " set n = n - 1 where n < 0",
                "delete from " + table + " where n % 200 = 7",
                insert(table, key, ROWS + 1, ROWS + 10),
                "vacuum " + table,
                // The key goes, and comes again with another row.
                "delete from " + table + " where n = 1001",
                insert(table, key, 1001, 1001).replace("md5(i::text || x)", "md5(x::text)"));
    }
}
