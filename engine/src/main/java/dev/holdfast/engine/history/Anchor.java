package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Lsn;
import java.time.Instant;
import java.util.UUID;

/**
 * Says where the upstream's clock stood at a place of the stream.
 *
 * @param monotonic nanoseconds of a clock that nobody sets, of the process that asked
 */
public record Anchor(Lsn lsn, Instant at, long monotonic, UUID process) {}
