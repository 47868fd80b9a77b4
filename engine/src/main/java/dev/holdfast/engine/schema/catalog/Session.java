package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.SchemaChangedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;

/** Runs catalog queries, and tells a schema that changes under them from a true failure. */
final class Session {
    /**
     * What the deparsers raise for something that is gone, or is just being changed: "cache lookup failed for ..." is an internal
     * error, a sequence that is read by its name an undefined table; 55P03: somebody has locked it.
     */
    private static final Set<String> CHANGING = Set.of("XX000", "42P01", "55P03");

    private final Connection connection;
    private final int version;

    Session(Connection connection, int version) {
        this.connection = connection;
        this.version = version;
    }

    int version() {
        return version;
    }

    boolean since(int majorVersion) {
        return version / 10000 >= majorVersion;
    }

    /** One of two SQL expressions. */
    String since(int majorVersion, String expression, String before) {
        return since(majorVersion) ? expression : before;
    }

    interface Reader {
        void read(Row row) throws SQLException, SchemaChangedException;
    }

    void each(String sql, Reader reader) throws SQLException, SchemaChangedException {
        try (var statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try (var result = statement.executeQuery(sql)) {
                var row = new Row(result);
                while (result.next()) {
                    reader.read(row);
                }
            }
        } catch (SQLException e) {
            if (e.getSQLState() != null && CHANGING.contains(e.getSQLState())) {
                throw new SchemaChangedException(e);
            }
            throw e;
        }
    }
}
