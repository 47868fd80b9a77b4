package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.collection.FileEntry;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a restore has done so far, in a schema of the very database it fills: a step and the row that says it is done commit
 * together, so that every step happens exactly once whatever crashes.
 *
 * @param epoch raised by every attempt: rows of an earlier one that may still be alive are refused
 */
record Progress(String schema, int epoch) {
    enum Stage {
        /** Tables without keys and indexes are there. */
        DEFINED,
        /** The rows are in. */
        LOADED,
        /** The result is visible. */
        PUBLISHED
    }

    /** Makes the tables; what was there under that name is gone. */
    static Progress create(Connection connection, String schema) throws SQLException {
        var name = Sql.identifier(schema);
        Sql.execute(connection, "drop schema if exists " + name + " cascade");
        Sql.execute(
                connection,
                "create schema " + name + "; revoke all on schema " + name + " from public; create table " + name
                        + ".state (epoch int not null, stage text); insert into " + name + ".state values (1, null); create table "
                        + name + ".objects (id int primary key); create table " + name
                        + ".files (path text, start int8, object_id int not null, rows int8 not null, primary key (path, start))");
        return new Progress(schema, 1);
    }

    /** Takes over from an earlier attempt, whose sessions have been ended. Empty: there was none that got anywhere. */
    static Optional<Progress> adopt(Connection connection, String schema) throws SQLException {
        boolean exists = Sql.first(
                        connection, "select from pg_catalog.pg_tables where schemaname = ? and tablename = 'files'", row -> true, schema)
                .isPresent();
        if (!exists) {
            return Optional.empty();
        }
        int epoch = Sql.one(
                connection,
                "update " + Sql.identifier(schema) + ".state set epoch = epoch + 1 returning epoch",
                row -> row.getInt(1));
        return Optional.of(new Progress(schema, epoch));
    }

    Optional<Stage> stage(Connection connection) throws SQLException {
        return Sql.one(connection, "select stage from " + table("state"), row -> Optional.ofNullable(row.getString(1)))
                .map(Stage::valueOf);
    }

    void reach(Connection connection, Stage stage) throws SQLException {
        int changed = Sql.update(connection, "update " + table("state") + " set stage = ? where epoch = ?", stage.name(), epoch);
        requireOwn(changed);
    }

    Set<Integer> objects(Connection connection) throws SQLException {
        return new HashSet<>(Sql.query(connection, "select id from " + table("objects"), row -> row.getInt(1)));
    }

    void objectDone(Connection connection, int id) throws SQLException {
        requireOwn(Sql.update(
                connection, "insert into " + table("objects") + " select ? from " + table("state") + " where epoch = ?", id, epoch));
    }

    /** False when the file has been loaded already. {@code objectId}: of the table, in what is restored. */
    boolean claim(Connection connection, FileEntry file, int objectId) throws SQLException {
        var present = Sql.first(
                connection,
                "select from " + table("files") + " where path = ? and start = ?",
                row -> true,
                file.path(),
                file.offset());
        if (present.isPresent()) {
            return false;
        }
        requireOwn(Sql.update(
                connection,
                "insert into " + table("files") + " select ?, ?, ?, ? from " + table("state") + " where epoch = ?",
                file.path(),
                file.offset(),
                objectId,
                file.rows(),
                epoch));
        return true;
    }

    /** Rows loaded, by table. */
    Map<Integer, Long> rows(Connection connection) throws SQLException {
        var rows = new HashMap<Integer, Long>();
        Sql.query(
                connection,
                "select object_id, sum(rows)::int8 from " + table("files") + " group by object_id",
                row -> rows.put(row.getInt(1), row.getLong(2)));
        return rows;
    }

    /** The table's files are to be loaded again. */
    void forget(Connection connection, int objectId) throws SQLException {
        Sql.execute(
                connection,
                "begin; delete from " + table("files") + " where object_id = " + objectId + "; update " + table("state") + " set stage = '"
                        + Stage.DEFINED + "' where epoch = " + epoch + "; commit");
    }

    void drop(Connection connection) throws SQLException {
        Sql.execute(connection, "drop schema if exists " + Sql.identifier(schema) + " cascade");
    }

    private String table(String name) {
        return Sql.identifier(schema) + "." + name;
    }

    private static void requireOwn(int changed) {
        if (changed != 1) {
            throw HoldfastException.of(SqlState.INTERNAL_ERROR, "another attempt of this restore has taken over");
        }
    }
}
