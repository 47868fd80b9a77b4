package dev.holdfast.engine.schema;

/**
 * Where a sequence stands, as setval takes it. Sequences ignore snapshots: it is where it stood when it was read.
 *
 * @param descending whether its values become smaller
 */
public record SequencePosition(int objectId, String schema, String name, long lastValue, boolean isCalled, boolean descending) {
    /** Where this one stands once it has given out all that {@code other} has, too. */
    SequencePosition beyond(SequencePosition other) {
        boolean further = lastValue == other.lastValue ? isCalled : lastValue > other.lastValue != descending;
        return further ? this : new SequencePosition(objectId, schema, name, other.lastValue, other.isCalled, descending);
    }


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
