package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.schema.TableRows;

/** Tables that hold changes on their way: {@code n}, and each column's value in its text form. */
final class Staging {
    private Staging() {}

    static String name(String schema, TableRows table) {
        return Sql.identifier(schema) + ".changes_" + table.objectId();
    }

    static String net(String schema, TableRows table) {
        return Sql.identifier(schema) + ".net_" + table.objectId();
    }

    static String create(String schema, TableRows table) {
        var columns = new StringBuilder("n int8 not null");
        for (int i = 0; i < table.columns().size(); i++) {
            columns.append(", ").append(column(i)).append(" text collate \"C\"");
        }
        return "create unlogged table if not exists " + name(schema, table) + " (" + columns + ")";
    }

    /** Of the table's column at that place. */
    static String column(int index) {
        return "c" + index;
    }
}
