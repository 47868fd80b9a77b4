package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.Connection;
import java.time.Duration;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Statements about whole databases come at any moment, and never find Holdfast in their way. */
class DatabaseStatementsIT {
    private static TestHoldfast holdfast;

    private final long seed = Long.getLong("holdfast.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, "create database pattern");
        }
        try (var connection = holdfast.connect("pattern")) {
            Sessions.execute(connection, "create table t (id int primary key)", "insert into t select generate_series(1, 1000)");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    @Test
    void createdFromATemplateRenamedAndDropped() throws Exception {
        System.out.println("seed " + seed + " (-Dholdfast.seed)");
        var byQuery = new Properties();
        byQuery.setProperty("preferQueryMode", "simple");
        try (var simple = holdfast.connect("postgres", byQuery);
                var extended = holdfast.connect("postgres")) {
            for (int i = 0; i < 12; i++) {
                var connection = random.nextBoolean() ? simple : extended;
                run(connection, "create database copy" + i + " template pattern");
                if (random.nextBoolean()) {
                    write("copy" + i);
                }
                run(connection, "alter database copy" + i + " rename to renamed" + i);
                run(connection, "/* of /* all */ */ drop database renamed" + i);
            }
            assertThat(Sessions.rows(simple, "select slot_name from pg_replication_slots where database ~ '^(copy|renamed)'"))
                    .isEmpty();
        }
    }

    /** What was said about a database stays said when it gets another name. */
    @Test
    void historyOutlivesAName() throws Exception {
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(
                    connection,
                    "create database before",
                    "alter database before configure zone using history = on, gc.ttlseconds = 777");
            awaitHistory(connection, "before", "on");
            var generation = generation("before");
            Sessions.execute(connection, "alter database before rename to after");
            write("after");
            Thread.sleep(1500);
            awaitHistory(connection, "after", "on");
            assertThat(generation("after")).isEqualTo(generation);
            Sessions.execute(connection, "alter database after configure zone using history = off");
            awaitHistory(connection, "after", "off");
        }
    }

    private String generation(String database) throws Exception {
        try (var system = holdfast.connect("system")) {
            return Sessions.one(
                    system,
                    "select h.generation from history_databases h join pg_database d on d.oid = h.database_oid where datname = '" + database
                            + "'");
        }
    }

    private void write(String database) throws Exception {
        try (var connection = holdfast.connect(database)) {
            Sessions.execute(connection, "create table if not exists written (id int)", "insert into written select generate_series(1, 100)");
        }
    }

    private void run(Connection connection, String statement) throws Exception {
        Thread.sleep(random.nextInt(700));
        Sessions.execute(connection, statement);
    }

    private static void awaitHistory(Connection connection, String database, String expected) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (true) {
            var line = Sessions.rows(connection, "show history").stream()
                    .filter(row -> row.startsWith(database + "|") && row.contains("|" + expected + "|"))
                    .findFirst();
            if (line.isPresent()) {
                return;
            }
            assertThat(System.nanoTime()).as(database).isLessThan(deadline);
            Thread.sleep(100);
        }
    }
}
