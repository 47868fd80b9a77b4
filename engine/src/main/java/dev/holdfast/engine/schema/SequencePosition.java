package dev.holdfast.engine.schema;

/** Where a sequence stands, as setval takes it. Sequences ignore snapshots: it is where it stood when it was read. */
public record SequencePosition(int objectId, String schema, String name, long lastValue, boolean isCalled) {
    /** Puts the restored sequence where the source's stood. */
    public String statement() {
        return "SELECT pg_catalog.setval("
                + Quoting.literal(Quoting.qualified(schema, name))
                + "::pg_catalog.regclass, "
                + lastValue
                + ", "
                + isCalled
                + ")";
    }
}
