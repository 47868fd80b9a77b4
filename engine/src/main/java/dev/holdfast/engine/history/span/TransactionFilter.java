package dev.holdfast.engine.history.span;

import dev.holdfast.engine.cluster.Lsn;

/** What of a span counts. */
public interface TransactionFilter {
    /** Of who wants to know what happened to definitions, and no rows. */
    TransactionFilter NO_ROWS = new TransactionFilter() {
        @Override
        public boolean wantsRows(long xid, Lsn commit) {
            return false;
        }

        @Override
        public boolean wantsBreaks(Lsn commit) {
            return true;
        }

        @Override
        public boolean isBeyond(Lsn commit) {
            return false;
        }
    };

    /** Whether the rows of the transaction are wanted. */
    boolean wantsRows(long xid, Lsn commit);

    /** Whether what the transaction did to definitions is news. */
    boolean wantsBreaks(Lsn commit);

    /** Whether the span has ended with the transaction before. */
    boolean isBeyond(Lsn commit);
}
