package dev.holdfast.engine.job;

import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ids that are unique among nodes without asking anybody: units of 10 microseconds since 2015, shifted left by 15 bits,
 * with the node's id in the low bits. Within a node they only grow, also when the clock steps back.
 */
public final class UniqueIds {
    private static final int NODE_BITS = 15;
    private static final Instant EPOCH = Instant.parse("2015-01-01T00:00:00Z");

    private final Clock clock;
    private final int nodeId;
    private final AtomicLong last = new AtomicLong();

    public UniqueIds(Clock clock, int nodeId) {
        if (nodeId < 1 || nodeId >= 1 << NODE_BITS) {
            throw new IllegalArgumentException("node id out of range: " + nodeId);
        }
        this.clock = clock;
        this.nodeId = nodeId;
    }

    public long next() {
        var now = clock.instant();
        long units = (now.getEpochSecond() - EPOCH.getEpochSecond()) * 100_000 + now.getNano() / 10_000;
        return last.updateAndGet(previous -> Math.max(units, previous + 1)) << NODE_BITS | nodeId;
    }
}
