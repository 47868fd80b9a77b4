package dev.holdfast.engine.schema;

/**
 * The schema was changed while it was read. PostgreSQL's deparsers (pg_get_viewdef and the like) read the newest catalog and
 * not the snapshot: of an object that was dropped meanwhile they give NULL or an error. The reading transaction is spent; the
 * caller reads again in a new one.
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
