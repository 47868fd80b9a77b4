package dev.holdfast.engine.collection;

import dev.holdfast.engine.cluster.Lsn;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Where a layer ends in the change stream of one database, and what the next one has to meet to be sure that it reads the same
 * stream.
 *
 * @param generation within which nothing is missing
 * @param resume reading from here gives every transaction that the cut leaves out
 * @param witness place of a barrier at or behind the cut
 * @param witnessId its id
 * @param firstDefinition where definitions were changed first within the layer's revision history, if they were
 * @param lastDefinition and where last
 */
public record StreamPosition(
        UUID generation,
        Lsn resume,
        Lsn witness,
        String witnessId,
        Optional<Moment> firstDefinition,
        Optional<Moment> lastDefinition) {
    public record Moment(Lsn lsn, Instant at) {}
}
