package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;

/** Statements that cannot be part of a transaction, because what they do cannot be rolled back. */
final class TransactionRules {
    private TransactionRules() {}

    static void requireAlone(SessionFacts session, String message) {
        if (session.place() != SessionFacts.TransactionPlace.ALONE) {
            throw HoldfastException.of(SqlState.UNCATEGORIZED, message);
        }
    }
}
