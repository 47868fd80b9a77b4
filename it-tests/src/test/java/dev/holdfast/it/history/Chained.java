package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A database and a chain of backups of it, with what the database held when each of them was taken. */
final class Chained {
    private final TestHoldfast holdfast;
    private final String database;
    private final String collection;
    private final String options;
    private final List<Map<String, String>> held = new ArrayList<>();

    private Chained(TestHoldfast holdfast, String database, String collection, String options) {
        this.holdfast = holdfast;
        this.database = database;
        this.collection = collection;
        this.options = options;
    }

    /** Creates the database with a table with a key, one without, and some rows. {@code options}: of all its backups. */
    static Chained create(TestHoldfast holdfast, String database, String options) throws SQLException {
        var chained = new Chained(holdfast, database, "nodelocal://1/" + database, options);
        chained.inPostgres("create database " + database);
        chained.run(
                "create table keyed (id int primary key, v text not null)",
                "create table keyless (a int, b text)",
                "insert into keyed select g, 'first ' || g from generate_series(1, 100) g",
                "insert into keyless select g % 3, null from generate_series(1, 30) g");
        return chained;
    }

    /** Another chain of the same database. */
    Chained another(String name) {
        return new Chained(holdfast, database, collection + "_" + name, options);
    }

    Connection connect() throws SQLException {
        return holdfast.connect(database);
    }

    void run(String... statements) throws SQLException {
        try (var connection = connect()) {
            Sessions.execute(connection, statements);
        }
    }

    void inPostgres(String... statements) throws SQLException {
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, statements);
        }
    }

    /** Some of everything, different for every {@code step}. */
    void change(int step) throws SQLException {
        run(
                "update keyed set v = 'step " + step + "' where id % 7 = " + step % 7,
                "delete from keyed where id = " + (step * 3 + 1),
                "insert into keyed values (" + (1000 + step) + ", 'new')",
                "insert into keyless values (" + step % 3 + ", null)",
                "delete from keyless where ctid = (select min(ctid) from keyless where a = " + (step + 1) % 3 + ")");
    }

    // ---- backups ----

    private Map<String, String> rows(Connection connection) throws SQLException {
        return Rows.of(connection, "n.nspname <> 'holdfast'");
    }

    private List<String> backUp(String statement) throws SQLException {
        var notices = new ArrayList<String>();
        try (var connection = holdfast.connect("postgres");
                var backup = connection.createStatement()) {
            backup.execute(statement + (options.isEmpty() ? "" : " with " + options));
            for (var warning = backup.getWarnings(); warning != null; warning = warning.getNextWarning()) {
                notices.add(warning.getMessage());
            }
        }
        try (var connection = connect()) {
            held.add(rows(connection));
        }
        return notices;
    }

    List<String> full() throws SQLException {
        return backUp("backup database " + database + " into '" + collection + "'");
    }

    /** Returns the notices that came with it. */
    List<String> increment() throws SQLException {
        return backUp("backup database " + database + " into latest in '" + collection + "'");
    }

    /** Adds a layer that tells that it had to begin anew. */
    void incrementWithNewBases() throws SQLException {
        assertThat(increment()).as("notices of the increment").anyMatch(notice -> notice.contains("holds all rows of its tables"));
    }

    /** Adds a layer that leads on from the one before. */
    void incrementThatContinues() throws SQLException {
        assertThat(increment()).as("notices of the increment").isEmpty();
    }

    // ---- restores ----

    private List<Instant> ends() throws SQLException {
        var ends = new ArrayList<Instant>();
        try (var connection = holdfast.connect("postgres");
                var statement = connection.createStatement();
                var result = statement.executeQuery("show backup from latest in '" + collection + "'")) {
            while (result.next()) {
                if ("database".equals(result.getString("object_type"))) {
                    ends.add(result.getTimestamp("end_time").toLocalDateTime().toInstant(ZoneOffset.UTC));
                }
            }
        }
        return ends;
    }

    /** Restores every layer's end and compares with what was there. */
    void check() throws SQLException {
        checkLast(held.size());
    }

    /** Only the youngest layers: what lies before them goes into each of them. */
    void checkLast(int layers) throws SQLException {
        var ends = ends();
        assertThat(ends).hasSize(held.size());
        for (int i = ends.size() - layers; i < ends.size(); i++) {
            assertThat(at(ends.get(i))).as("layer %d of %d", i, ends.size()).isEqualTo(held.get(i));
        }
    }

    Map<String, String> lastHeld() {
        return held.getLast();
    }

    private Map<String, String> at(Instant instant) throws SQLException {
        return restored(collection + "' as of system time '" + instant);
    }

    /** What a restore of the youngest backup there gives. */
    Map<String, String> restored(String from) throws SQLException {
        var restored = database + "_restored";
        inPostgres(
                "drop database if exists " + restored,
                "restore database " + database + " from latest in '" + from + "' with new_db_name = '" + restored + "'");
        try (var connection = holdfast.connect(restored)) {
            return rows(connection);
        }
    }
}
