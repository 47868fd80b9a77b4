package dev.holdfast.it.support;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a database holds, in a form in which two databases can be compared: worked out in the server, whatever the order of rows. */
public final class Rows {
    private Rows() {}

    private static final List<String> PINNED = List.of(
            "set timezone = 'UTC'",
            "set datestyle = 'ISO, MDY'",
            "set extra_float_digits = 1",
            "set bytea_output = 'hex'",
            "set row_security = off");

    /** Number of rows and a hash of them, by table, materialized views included; without Holdfast's own. */
    public static Map<String, String> of(Connection connection) throws SQLException {
        return of(connection, "true");
    }

    /** {@code condition} chooses tables by their qualified name {@code n.nspname || '.' || c.relname}. */
    public static Map<String, String> of(Connection connection, String condition) throws SQLException {
        for (var setting : PINNED) {
            Sessions.execute(connection, setting);
        }
        var tables = Sessions.rows(
                connection,
                """
                select format('%I.%I', n.nspname, c.relname)
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'm') and c.relpersistence <> 't'
                    and n.nspname not in ('pg_catalog', 'information_schema', 'holdfast')
                    and (c.relkind = 'r' or c.relispopulated)
                """
                        + " and (" + condition + ") order by 1");
        var hashes = new TreeMap<String, String>();
        for (var table : tables) {
            hashes.put(
                    table,
                    // A composite of no columns prints as (), so tables without columns are counted.
                    Sessions.one(
                            connection,
                            "select count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from only " + table + " t"));
        }
        return hashes;
    }

    /** Where the sequences stand. */
    public static List<String> sequences(Connection connection) throws SQLException {
        var names = Sessions.rows(
                connection,
                "select format('%I.%I', schemaname, sequencename) from pg_sequences order by 1");
        var positions = new ArrayList<String>();
        for (var name : names) {
            positions.add(name + " " + Sessions.one(connection, "select last_value || ' ' || is_called from " + name));
        }
        return positions;
    }

    /** Pages of large objects, with their owners' numbers left out. */
    public static List<String> largeObjects(Connection connection) throws SQLException {
        return Sessions.rows(connection, "select loid, pageno, md5(data) from pg_largeobject order by 1, 2");
    }

    /** Tables with rows that the planner knows nothing about. */
    public static List<String> withoutStatistics(Connection connection) throws SQLException {
        return Sessions.rows(
                connection,
                """
                select format('%I.%I', n.nspname, c.relname)
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'holdfast') and c.relispopulated
                    and (c.reltuples < 0 or c.reltuples > 0 and exists (
                            select from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
                        and not exists (select from pg_statistic s where s.starelid = c.oid))
                order by 1
                """);
    }
}
