package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Lsn;
import java.util.UUID;

/**
 * A database whose changes are kept.
 *
 * @param generation of the stream: within one nothing is missing
 * @param secret that the database's own messages carry
 * @param first from here on the stream is whole
 */
public record Captured(String database, long oid, UUID generation, String secret, Lsn first) {
    /** How the names of the database's slots begin. */
    public String slots() {
        return slots(oid);
    }

    static String slots(long oid) {
        return "holdfast_" + oid + "_";
    }
}
