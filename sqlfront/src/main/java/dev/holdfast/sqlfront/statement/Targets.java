package dev.holdfast.sqlfront.statement;

import java.util.List;
import java.util.Optional;

/** What a BACKUP or RESTORE is about. */
public sealed interface Targets {
    /** No target given: the whole cluster. */
    record Cluster() implements Targets {}

    record Databases(List<String> names) implements Targets {}

    record Tables(List<TablePattern> patterns) implements Targets {}

    /**
     * {@code a.b.c}, {@code a.b}, {@code c}, or one of them with {@code *} in the last place ({@code name} is empty
     * then). How two parts are understood depends on the session: first as schema and table of its database, then as
     * database and table.
     */
    record TablePattern(List<String> qualifiers, Optional<String> name) {}
}
