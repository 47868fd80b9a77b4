package dev.holdfast.engine.restore;

import dev.holdfast.engine.backup.BackupRequest.TableTarget;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Whether what the statement itself names can be put there: told before the state of an instant is worked out. */
public final class FreeNames {
    private final RestoreRequest request;
    private final Upstream upstream;

    public FreeNames(RestoreRequest request, Upstream upstream) {
        this.request = request;
        this.upstream = upstream;
    }

    /** {@code tables}: those of the request, by what their names mean now. */
    public void require(List<TableTarget> tables) throws SQLException {
        try (var connection = upstream.connect(upstream.uri().database(), "holdfast")) {
            for (var name : request.databases()) {
                var newName = request.newDatabaseName().orElse(name);
                if (RestorePlan.databaseExists(connection, newName)) {
                    throw RestorePlan.databaseExists(newName);
                }
            }
            for (var table : tables) {
                var database = request.intoDatabase().orElse(table.database());
                if (table.name() != null && RestorePlan.databaseExists(connection, database)) {
                    requireFree(table, database);
                }
            }
        }
    }

    private void requireFree(TableTarget table, String database) throws SQLException {
        var schema = request.newTable().map(RestoreRequest.NewTable::schema).orElse(table.schema());
        var name = request.newTable().map(RestoreRequest.NewTable::name).orElse(table.name());
        try (var connection = upstream.connect(database, "holdfast")) {
            if (relationExists(connection, schema, name)) {
                throw HoldfastException.of(SqlState.DUPLICATE_TABLE, "relation \"" + name + "\" already exists")
                        .withHint("Restore it beside the one there is: RESTORE TABLE ... AS another_name FROM HISTORY ...,"
                                + " or into another database: WITH into_db = '...'.");
            }
        }
    }

    private static boolean relationExists(Connection connection, String schema, String name) throws SQLException {
        return Sql.first(
                        connection,
                        """
                        select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                        where n.nspname = ? and c.relname = ?
                        """,
                        row -> true,
                        schema,
                        name)
                .isPresent();
    }
}
