package dev.holdfast.engine.schema.catalog;

/** OIDs of system catalogs, as pg_depend and pg_description name them; they are the same in every version. */
final class Catalogs {
    static final long PG_TYPE = 1247;
    static final long PG_PROC = 1255;
    static final long PG_CLASS = 1259;
    static final long PG_CONSTRAINT = 2606;

    private Catalogs() {}
}
