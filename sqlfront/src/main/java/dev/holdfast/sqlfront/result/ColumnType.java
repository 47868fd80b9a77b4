package dev.holdfast.sqlfront.result;

import java.time.Instant;

/** The types our results use: PostgreSQL's OIDs and lengths, and the Java class of a value (null is NULL everywhere). */
public enum ColumnType {
    BOOL(16, 1, Boolean.class),
    INT8(20, 8, Long.class),
    TEXT(25, -1, String.class),
    FLOAT8(701, 8, Double.class),
    TEXT_ARRAY(1009, -1, String[].class),
    /** Without a zone; the value is an Instant, shown in UTC. */
    TIMESTAMP(1114, 8, Instant.class),
    TIMESTAMPTZ(1184, 8, Instant.class),
    JSONB(3802, -1, String.class);

    private final int oid;
    private final int length;
    private final Class<?> javaType;

    ColumnType(int oid, int length, Class<?> javaType) {
        this.oid = oid;
        this.length = length;
        this.javaType = javaType;
    }

    public int oid() {
        return oid;
    }

    /** As in RowDescription: -1 for a length that varies. */
    public int length() {
        return length;
    }

    public Class<?> javaType() {
        return javaType;
    }
}
