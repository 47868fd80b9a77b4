package dev.holdfast.engine.history.span;

import dev.holdfast.engine.cluster.Lsn;
import java.io.IOException;

/** Receives the row images of committed transactions, in commit order. */
public interface RowSink {
    /**
     * @param begins whether the image begins with the transaction, or ends with it
     * @param line as COPY writes it, without its end
     */
    void row(TrackedTable table, Lsn commit, boolean begins, byte[] line) throws IOException;
}
