package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** The row a catalog query stands on, its columns by name. */
final class Row {
    private final ResultSet result;

    Row(ResultSet result) {
        this.result = result;
    }

    /** Null for NULL. */
    String text(String column) throws SQLException {
        return result.getString(column);
    }

    /** What a deparser gave; it gives NULL for what was dropped since the snapshot. */
    String definition(String column) throws SQLException, SchemaChangedException {
        var text = result.getString(column);
        if (text == null) {
            throw new SchemaChangedException("an object was dropped while its definition was read");
        }
        return text;
    }

    boolean flag(String column) throws SQLException {
        return result.getBoolean(column);
    }

    /** 0 for NULL. */
    int integer(String column) throws SQLException {
        return result.getInt(column);
    }

    /** 0 for NULL. */
    long number(String column) throws SQLException {
        return result.getLong(column);
    }

    boolean isNull(String column) throws SQLException {
        return result.getObject(column) == null;
    }

    /** A "char" column, a space for NULL or empty. */
    char letter(String column) throws SQLException {
        var text = result.getString(column);
        return text == null || text.isEmpty() ? ' ' : text.charAt(0);
    }

    /** A text[] column, null for NULL. */
    List<String> texts(String column) throws SQLException {
        var array = result.getArray(column);
        return array == null ? null : List.of((String[]) array.getArray());
    }

    /** A bigint[] column, empty for NULL. */
    List<Long> numbers(String column) throws SQLException {
        var array = result.getArray(column);
        return array == null ? List.of() : List.of((Long[]) array.getArray());
    }

    /** From the columns {@code tableoid} and {@code oid}. */
    ObjectAddress address() throws SQLException {
        return new ObjectAddress(number("tableoid"), number("oid"));
    }
}
