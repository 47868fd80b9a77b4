package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.schema.TableRows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;

/** A crash of the upstream empties unlogged tables, and the record that says their files are loaded outlives it. */
final class UnloggedTables {
    private UnloggedTables() {}

    /** Tables that are empty though they were loaded are to be loaded again. False when there is none. */
    static boolean forgetLost(Connection connection, Collection<TableRows> tables, Progress progress) throws SQLException {
        boolean lost = false;
        var loaded = progress.rows(connection);
        for (var table : tables) {
            if (table.unlogged() && loaded.getOrDefault(table.objectId(), 0L) > 0 && isEmpty(connection, table)) {
                progress.forget(connection, table.objectId());
                lost = true;
            }
        }
        return lost;
    }

    /** Before the end: a crash that no connection has noticed shows here, and is one of the errors that pass. */
    static void requireKept(Connection connection, Collection<TableRows> tables, Progress progress) throws SQLException {
        if (forgetLost(connection, tables, progress)) {
            throw HoldfastException.of(
                    SqlState.CONNECTION_FAILURE, "the upstream has crashed and emptied unlogged tables that were restored already");
        }
    }

    private static boolean isEmpty(Connection connection, TableRows table) throws SQLException {
        return Sql.first(
                        connection,
                        "select from only " + Sql.identifier(table.schema()) + "." + Sql.identifier(table.name()) + " limit 1",
                        row -> true)
                .isEmpty();
    }
}
