package dev.holdfast.engine.history;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Which transactions a snapshot sees: PostgreSQL's {@code pg_snapshot}, with 64-bit transaction ids. */
public final class Snapshot {
    private final long xmin;
    private final long xmax;
    private final Set<Long> running;

    private Snapshot(long xmin, long xmax, Set<Long> running) {
        this.xmin = xmin;
        this.xmax = xmax;
        this.running = running;
    }

    /** {@code xmin:xmax:xip,xip,...} */
    public static Snapshot parse(String text) {
        var parts = text.split(":", -1);
        return new Snapshot(
                Long.parseLong(parts[0]),
                Long.parseLong(parts[1]),
                parts[2].isEmpty()
                        ? Set.of()
                        : Arrays.stream(parts[2].split(",")).map(Long::valueOf).collect(Collectors.toCollection(HashSet::new)));
    }

    /** Those that it does not see although they began before others that it sees. */
    public Set<Long> running() {
        return running;
    }

    /** {@code shortXid} has the lower 32 bits only, as the change stream has it; the transaction has committed. */
    public boolean sees(long shortXid) {
        long xid = widen(shortXid);
        return xid < xmin || xid < xmax && !running.contains(xid);
    }

    /** The whole id of a transaction that was running. */
    public Optional<Long> runningAs(long shortXid) {
        return Optional.of(widen(shortXid)).filter(running::contains);
    }

    /** The id that is nearest to the snapshot: transactions of the stream are less than 2^31 away from it. */
    private long widen(long shortXid) {
        long candidate = xmax & ~0xffffffffL | shortXid;
        if (candidate - xmax > 1L << 31) {
            return candidate - (1L << 32);
        }
        if (xmax - candidate > 1L << 31) {
            return candidate + (1L << 32);
        }
        return candidate;
    }
}
