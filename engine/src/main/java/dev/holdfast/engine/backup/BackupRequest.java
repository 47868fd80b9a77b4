package dev.holdfast.engine.backup;

import dev.holdfast.engine.collection.CollectionUris;
import dev.holdfast.engine.crypto.Encryption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a BACKUP job has to do: its payload.
 *
 * @param subdirectory where the full backup goes, when that was chosen by hand
 * @param appendTo the full backup that gets an increment, or LATEST; empty for a full backup
 * @param asOf the instant whose state is wanted; empty: now
 * @param revisionHistory whether every instant that the layer covers can be restored
 * @param encryption how what is written is to be encrypted, if it is
 * @param describedTargets the statement's text between BACKUP and INTO, for the job's description
 * @param describedOptions likewise what follows the URIs
 */
public record BackupRequest(
        BackupTargets targets,
        CollectionUris collection,
        Optional<String> subdirectory,
        Optional<String> appendTo,
        Optional<Instant> asOf,
        boolean revisionHistory,
        Optional<Encryption> encryption,
        String user,
        String describedTargets,
        String describedOptions) {

    /** The tables are empty unless {@code kind} is TABLES; so are the databases unless it is DATABASES. */
    public record BackupTargets(Kind kind, List<String> databases, List<TableTarget> tables) {
        public enum Kind {
            CLUSTER,
            DATABASES,
            TABLES
        }

        public static BackupTargets cluster() {
            return new BackupTargets(Kind.CLUSTER, List.of(), List.of());
        }

        public static BackupTargets databases(List<String> names) {
            return new BackupTargets(Kind.DATABASES, names, List.of());
        }

        public static BackupTargets tables(List<TableTarget> tables) {
            return new BackupTargets(Kind.TABLES, List.of(), tables);
        }
    }

    /** A table, or all of a schema, or all of a database: what is null is all. */
    public record TableTarget(String database, String schema, String name) {}
}
