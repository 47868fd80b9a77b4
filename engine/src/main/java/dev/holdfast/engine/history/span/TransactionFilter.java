package dev.holdfast.engine.history.span;

import dev.holdfast.engine.cluster.Lsn;

/** What of a span counts: all of it, unless something else is said. */
@FunctionalInterface
public interface TransactionFilter {
    /** Of who wants to know what happened to definitions, and no rows. */
    TransactionFilter NO_ROWS = (xid, commit) -> false;

    /** Whether the rows of the transaction are wanted. */
    boolean wantsRows(long xid, Lsn commit);

    /** Whether what the transaction did to definitions is news. */
    default boolean wantsBreaks(Lsn commit) {
        return true;
    }

    /** Whether the span has ended with the transaction before. */
    default boolean isBeyond(Lsn commit) {
        return false;
    }
}
