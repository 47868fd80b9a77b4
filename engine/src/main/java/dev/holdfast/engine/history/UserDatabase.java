package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * A database of the upstream that can have a history.
 *
 * @param changes rows written since its statistics began; tells a database in which nothing happens
 */
record UserDatabase(long oid, String name, long changes) {
    private static final String ALL =
            """
            select d.oid::int8, d.datname, coalesce(s.tup_inserted + s.tup_updated + s.tup_deleted, 0)
            from pg_catalog.pg_database d left join pg_catalog.pg_stat_database s on s.datid = d.oid
            where d.datallowconn and not d.datistemplate and d.datname <> 'system' and d.datname !~ '^holdfast_restore_'
            order by d.oid
            """;

    static List<UserDatabase> all(Connection connection) throws SQLException {
        return Sql.query(connection, ALL, row -> new UserDatabase(row.getLong(1), row.getString(2), row.getLong(3)));
    }
}
