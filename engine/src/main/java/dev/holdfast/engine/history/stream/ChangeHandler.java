package dev.holdfast.engine.history.stream;

import dev.holdfast.engine.cluster.Lsn;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * Receives a change stream, in commit order. Everything between {@link #begin} and {@link #commit} belongs to one
 * transaction; messages that are not transactional come in between transactions.
 */
public interface ChangeHandler {
    enum Operation {
        INSERT,
        UPDATE,
        DELETE
    }

    /** {@code xid} has 32 bits. */
    void begin(long xid) throws IOException;

    /**
     * A row has changed. The tuples are valid during the call only.
     *
     * @param table qualified, quoted where it needs quotes
     * @param before the image that has ended, null where there is none: for an INSERT, or for lack of an identity. Columns
     *     that are NULL are left out of it
     * @param after the image that has begun; null for a DELETE
     */
    void change(String table, Operation operation, Tuple before, Tuple after) throws IOException;

    /** {@code tables} are all that were emptied, named like those of changes. */
    void truncate(List<String> tables) throws IOException;

    /** {@code lsn} is the end of the message's record. */
    void message(boolean transactional, Lsn lsn, String prefix, byte[] content) throws IOException;

    /** {@code end} is the end of the commit's record: what orders transactions. {@code at} is by the clock of the upstream. */
    void commit(long xid, Lsn end, Instant at) throws IOException;
}
