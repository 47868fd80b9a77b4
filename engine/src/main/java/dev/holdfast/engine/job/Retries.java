package dev.holdfast.engine.job;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;

/** Which errors may pass by themselves. */
final class Retries {
    private Retries() {}

    static boolean isPassing(HoldfastException e) {
        return e.state().isConnectionLoss()
                || e.state().equals(SqlState.IO_ERROR)
                // Serialization failures and deadlocks; too many connections; the lock somebody holds just now.
                || e.state().code().startsWith("40")
                || e.state().equals(SqlState.TOO_MANY_CONNECTIONS)
                || e.state().equals(SqlState.LOCK_NOT_AVAILABLE);
    }
}
