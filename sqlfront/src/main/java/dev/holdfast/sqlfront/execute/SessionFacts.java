package dev.holdfast.sqlfront.execute;

import java.util.List;
import java.util.Optional;

/**
 * What a statement has to know of the session it runs in. Read through the session's own upstream connection just before
 * the statement runs, so SET ROLE, SET search_path and the rest are what they are at that moment.
 *
 * @param user the role whose rights count ({@code current_user})
 * @param schemas the session's search path, as far as its schemas exist
 * @param transaction the user's transaction, in 64-bit form, when the statement asked for one
 * @param statementTimeoutMillis 0: none
 * @param jobIds what the statement's own query returned, if it has one
 */
public record SessionFacts(
        String user,
        boolean superuser,
        String database,
        List<String> schemas,
        boolean showsProgress,
        long statementTimeoutMillis,
        Optional<String> transaction,
        List<Long> jobIds,
        TransactionPlace place) {

    /** Where the statement stands in the user's transaction. */
    public enum TransactionPlace {
        /** Alone: it is a transaction of its own. */
        ALONE,
        /** Behind other statements of one pipeline, which are not committed yet. */
        PIPELINE,
        /** Between BEGIN and COMMIT. */
        BLOCK
    }
}
