package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The life of one database with one client, who remembers what it was like at chosen instants, and asks restores for the
 * same again.
 */
final class Story implements AutoCloseable {
    private static final String RESTORED = "restored";

    private final TestHoldfast holdfast;
    private final String database;
    private final Connection admin;
    private final Connection client;

    /** What the database was like at an instant. */
    record Scene(String name, Instant at, Picture picture, Map<String, Long> sequences) {
        /** For a BACKUP or a RESTORE of it. */
        String asOf() {
            return " as of system time '" + at + "'";
        }
    }

    private Story(TestHoldfast holdfast, String database) throws SQLException {
        this.holdfast = holdfast;
        this.database = database;
        this.admin = holdfast.connect("postgres");
        execute(admin, "drop database if exists " + database, "create database " + database);
        execute(admin, "alter database " + database + " configure zone using history = on");
        this.client = holdfast.connect(database);
    }

    static Story begin(TestHoldfast holdfast, String database) throws SQLException {
        return new Story(holdfast, database);
    }

    /** Names the statement that fails. */
    private static void execute(Connection connection, String... statements) throws SQLException {
        for (var sql : statements) {
            try {
                Sessions.execute(connection, sql);
            } catch (SQLException e) {
                throw new SQLException(sql + ": " + e.getMessage(), e.getSQLState(), e);
            }
        }
    }

    void execute(List<String> statements) throws SQLException {
        execute(statements.toArray(String[]::new));
    }

    void execute(String... statements) throws SQLException {
        execute(client, statements);
    }

    void administer(String... statements) throws SQLException {
        execute(admin, statements);
    }

    String one(String sql) throws SQLException {
        return Sessions.one(client, sql);
    }

    Instant now() throws SQLException {
        return Sessions.now(admin);
    }

    /** Nothing is committed while it is taken: the client is the only one. */
    Scene scene(String name) throws SQLException {
        try (var connection = holdfast.connect(database)) {
            return new Scene(name, now(), Picture.of(connection), sequences(connection));
        }
    }

    /** The last values given out. */
    private static Map<String, Long> sequences(Connection connection) throws SQLException {
        var values = new TreeMap<String, Long>();
        try (var statement = connection.createStatement();
                var result = statement.executeQuery(
                        "select format('%I.%I', schemaname, sequencename), coalesce(last_value, 0) from pg_sequences")) {
            while (result.next()) {
                values.put(result.getString(1), result.getLong(2));
            }
        }
        return values;
    }

    /** The ends of a collection's newest chain. */
    List<String> ends(String collection) throws SQLException {
        var ends = new ArrayList<String>();
        try (var statement = admin.createStatement();
                var result = statement.executeQuery("show backup from latest in " + collection)) {
            while (result.next()) {
                if ("database".equals(result.getString("object_type"))) {
                    ends.add(result.getTimestamp("end_time").toLocalDateTime().toInstant(ZoneOffset.UTC).toString());
                }
            }
        }
        return ends;
    }

    /** Until the schema as it is now has been looked at, so that it will be known of its time. */
    void awaitLook() throws SQLException, InterruptedException {
        holdfast.awaitLook(database);
    }

    /** Another session of the same database. */
    Connection connect() throws SQLException {
        return holdfast.connect(database);
    }

    /** Some more work on every table that has rows; what is forbidden stays as it is. */
    void goOn() throws SQLException {
        execute(
                """
                do $$ declare t regclass; begin
                    for t in
                        select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^pg_'
                            and n.nspname not in ('information_schema', 'holdfast')
                    loop
                        begin
                            execute format('delete from only %s where ctid = (select min(ctid) from only %s)', t, t);
                        exception when integrity_constraint_violation then null;
                        end;
                    end loop;
                end $$
                """);
    }

    /** {@code restore} names backup and time. */
    void assertRestores(Scene scene, String restore) throws SQLException {
        try (var restored = restored(restore)) {
            assertThat(scene.picture().differences(Picture.of(restored))).as("%s: %s", scene.name(), restore).isEmpty();
            for (var sequence : scene.sequences().entrySet()) {
                assertThat(sequences(restored).get(sequence.getKey()))
                        .as("%s: %s: sequence %s", scene.name(), restore, sequence.getKey())
                        .isGreaterThanOrEqualTo(sequence.getValue());
            }
        }
    }

    /** Under another name; a connection to it. */
    Connection restored(String restore) throws SQLException {
        restore(restore);
        return holdfast.connect(RESTORED);
    }

    private void restore(String restore) throws SQLException {
        execute(admin, "drop database if exists " + RESTORED);
        execute(admin, "restore database " + database + " " + restore + " with new_db_name = '" + RESTORED + "'");
    }

    /** The message, with its hint. */
    String refusal(String statement) {
        Throwable error = catchThrowable(() -> Sessions.execute(admin, statement));
        assertThat(error).as(statement).isInstanceOf(SQLException.class);
        return error.getMessage();
    }

    /** What is said beside the outcome. */
    List<String> notices(String sql) throws SQLException {
        var notices = new ArrayList<String>();
        try (var statement = admin.createStatement()) {
            statement.execute(sql);
            for (var warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
                notices.add(warning.getMessage());
            }
        }
        return notices;
    }

    String refusalOfRestore(String restore) throws SQLException {
        execute(admin, "drop database if exists " + RESTORED);
        return refusal("restore database " + database + " " + restore + " with new_db_name = '" + RESTORED + "'");
    }

    @Override
    public void close() throws SQLException {
        client.close();
        try (admin) {
            execute(admin, "drop database if exists " + RESTORED);
        }
    }
}
