package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;

/** Who may do what. */
final class Authorization {
    private Authorization() {}

    /** {@code action} completes the sentence "only users with the admin role are allowed to". */
    static void requireAdmin(SessionFacts session, String action) {
        if (!session.superuser()) {
            throw HoldfastException.of(
                            SqlState.INSUFFICIENT_PRIVILEGE, "only users with the admin role are allowed to " + action)
                    .withDetail("The admin role is a superuser of the upstream; the current user is \"" + session.user() + "\".");
        }
    }
}
