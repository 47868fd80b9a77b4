package dev.holdfast.sqlfront.result;

import java.util.Iterator;
import java.util.List;

/**
 * What a statement answers: rows under its columns, and the command tag. A statement without columns sends no rows.
 *
 * @param countedTag whether the number of rows is appended to the tag
 */
public record Result(Iterator<Object[]> rows, String tag, boolean countedTag) {
    public static Result rows(String tag, List<Object[]> rows) {
        return new Result(rows.iterator(), tag, true);
    }

    public static Result row(String tag, Object... values) {
        return rows(tag, List.<Object[]>of(values));
    }

    /** No rows; the tag stands as it is. */
    public static Result tag(String tag) {
        return new Result(List.<Object[]>of().iterator(), tag, false);
    }
}
