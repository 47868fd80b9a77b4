package dev.holdfast.engine.schema;

/**
 * The schema was changed while it was read. PostgreSQL's deparsers (pg_get_viewdef and the like) read the newest catalog and
 * not the snapshot: of an object that was dropped meanwhile they give NULL or an error. The reading transaction is spent; the
 * caller reads again in a new one. Where tables come and go all the time that may not succeed either: who has locked the tables
 * before the snapshot is not disturbed by them.
 */
public final class SchemaChangedException extends Exception {
    private static final long serialVersionUID = 1;

    public SchemaChangedException(String message) {
        super(message);
    }

    public SchemaChangedException(Throwable cause) {
        super(cause.getMessage(), cause);
    }
}
