package dev.holdfast.engine.backup;

import dev.holdfast.engine.backup.BackupRequest.TableTarget;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Finds what the names in a statement mean. {@code a.b} is table b of schema a in the session's database, if there is such a
 * schema; else table b of schema public in database a. {@code a.*} likewise.
 */
public final class TargetResolver {
    private final String prefix;
    private final Upstream upstream;
    private final String sessionDatabase;
    private final List<String> searchPath;

    /** {@code statement}: its first word, for messages. */
    public TargetResolver(String statement, Upstream upstream, String sessionDatabase, List<String> searchPath) {
        this.prefix = "failed to resolve targets specified in the " + statement + " stmt: ";
        this.upstream = upstream;
        this.sessionDatabase = sessionDatabase;
        this.searchPath = searchPath;
    }

    /** Checks that the databases exist. */
    public void requireDatabases(List<String> names) throws SQLException {
        try (var connection = upstream.connect(sessionDatabase, "holdfast")) {
            for (var name : names) {
                if (!databaseExists(connection, name)) {
                    throw noDatabase(name);
                }
            }
        }
    }

    /** {@code name} empty stands for {@code *}. */
    public TableTarget resolve(List<String> qualifiers, Optional<String> name) throws SQLException {
        try (var connection = upstream.connect(sessionDatabase, "holdfast")) {
            return switch (qualifiers.size()) {
                case 0 -> bare(connection, name);
                case 1 ->
                    schemaExists(connection, qualifiers.getFirst())
                            ? inSchema(connection, sessionDatabase, qualifiers.getFirst(), name)
                            : inDatabase(connection, qualifiers.getFirst(), name);
                default -> {
                    requireDatabase(connection, qualifiers.getFirst());
                    try (var other = upstream.connect(qualifiers.getFirst(), "holdfast")) {
                        yield inSchema(other, qualifiers.getFirst(), qualifiers.get(1), name);
                    }
                }
            };
        }
    }

    private TableTarget bare(Connection connection, Optional<String> name) throws SQLException {
        if (name.isEmpty()) {
            return new TableTarget(sessionDatabase, null, null);
        }
        for (var schema : searchPath) {
            if (relationExists(connection, schema, name.get())) {
                return new TableTarget(sessionDatabase, schema, name.get());
            }
        }
        throw noTable(name.get());
    }

    private TableTarget inDatabase(Connection connection, String database, Optional<String> name) throws SQLException {
        requireDatabase(connection, database);
        if (name.isEmpty()) {
            return new TableTarget(database, null, null);
        }
        try (var other = upstream.connect(database, "holdfast")) {
            return inSchema(other, database, "public", name);
        }
    }

    private TableTarget inSchema(Connection connection, String database, String schema, Optional<String> name)
            throws SQLException {
        if (name.isPresent() && !relationExists(connection, schema, name.get())) {
            throw noTable(schema.equals("public") ? database + "." + name.get() : database + "." + schema + "." + name.get());
        }
        return new TableTarget(database, schema, name.orElse(null));
    }

    private static boolean relationExists(Connection connection, String schema, String name) throws SQLException {
        return Sql.first(
                        connection,
                        """
                        select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                        where n.nspname = ? and c.relname = ? and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
                            and c.relpersistence <> 't'
                        """,
                        row -> true,
                        schema,
                        name)
                .isPresent();
    }

    private static boolean schemaExists(Connection connection, String name) throws SQLException {
        return Sql.first(connection, "select from pg_catalog.pg_namespace where nspname = ?", row -> true, name)
                .isPresent();
    }

    private static boolean databaseExists(Connection connection, String name) throws SQLException {
        return Sql.first(connection, "select from pg_catalog.pg_database where datname = ?", row -> true, name)
                .isPresent();
    }

    private void requireDatabase(Connection connection, String name) throws SQLException {
        if (!databaseExists(connection, name)) {
            throw noDatabase(name);
        }
    }

    private HoldfastException noDatabase(String name) {
        return HoldfastException.of(SqlState.INVALID_CATALOG_NAME, prefix + "database \"" + name + "\" does not exist");
    }

    private HoldfastException noTable(String name) {
        return HoldfastException.of(SqlState.UNDEFINED_TABLE, prefix + "table \"" + name + "\" does not exist");
    }
}
