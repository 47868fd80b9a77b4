package dev.holdfast.sqlfront.result;

/** A column of a result. */
public record Column(String name, ColumnType type) {
    public static Column text(String name) {
        return new Column(name, ColumnType.TEXT);
    }

    public static Column int8(String name) {
        return new Column(name, ColumnType.INT8);
    }

    public static Column float8(String name) {
        return new Column(name, ColumnType.FLOAT8);
    }

    public static Column bool(String name) {
        return new Column(name, ColumnType.BOOL);
    }

    public static Column timestamp(String name) {
        return new Column(name, ColumnType.TIMESTAMP);
    }
}
