package dev.holdfast.engine.collection;

import dev.holdfast.engine.cluster.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a finished layer is: small, and read first. Schemas and files stand in parts of their own, which the manifest names
 * with their checksums; so whoever trusts the manifest can trust all of the layer.
 *
 * @param formatVersion of what wrote it
 * @param oldestReader the oldest format version whose reader understands it
 * @param job that wrote it; a resumed job recognises its own manifest by it
 * @param startTime of what the layer covers; empty for a full backup
 * @param previous id of the layer that this one leads on from; empty for a full backup
 * @param revisionStart from here on every instant can be restored; empty when only the end can
 * @param fullCluster whether everything in the cluster was asked for
 */
public record Manifest(
        int formatVersion,
        int oldestReader,
        UUID id,
        UUID clusterId,
        String writer,
        long job,
        Optional<Instant> startTime,
        Instant endTime,
        Optional<UUID> previous,
        Optional<Instant> revisionStart,
        boolean fullCluster,
        List<ServerCut> servers,
        List<String> databases,
        EntryCounts entryCounts,
        Part descriptors,
        Part files) {

    public static final int FORMAT_VERSION = 1;

    /**
     * Which PostgreSQL the layer was taken from, and where it ends there.
     *
     * @param cut a transaction is in the layer, or in one before, if its commit record ends before this place; empty when no
     *     history was kept
     */
    public record ServerCut(String systemIdentifier, int timeline, int serverVersion, Optional<Lsn> cut) {}

    /** @param dataSize bytes of row data before compression */
    public record EntryCounts(long rows, long indexEntries, long dataSize) {
        public static final EntryCounts NONE = new EntryCounts(0, 0, 0);

        public EntryCounts plus(EntryCounts other) {
            return new EntryCounts(rows + other.rows, indexEntries + other.indexEntries, dataSize + other.dataSize);
        }
    }

    /** A file of the layer that is read as a whole. */
    public record Part(String path, long size, String sha256, long lines) {}

    public boolean isFull() {
        return startTime.isEmpty();
    }
}
