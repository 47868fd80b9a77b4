package dev.holdfast.engine.restore;

import dev.holdfast.engine.backup.HistoryExport;
import dev.holdfast.engine.collection.CollectionUris;
import dev.holdfast.engine.crypto.Encryption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a RESTORE job has to do: its payload.
 *
 * @param databases empty for a restore of tables
 * @param tables empty for a restore of databases
 * @param subdirectory LATEST (in any case) or a path
 * @param encryption how the backup is encrypted, if it is
 * @param sessionDatabase for names of tables that say no database
 * @param schemas of the session's search path, likewise
 * @param describedTargets the statement's text between RESTORE and FROM, for the job's description
 * @param describedOptions likewise what follows the URIs
 * @param history what is to be restored straight from the history, without a backup; then there is no collection
 * @param newTable what the one table that is restored is to be called
 */
public record RestoreRequest(
        List<String> databases,
        List<TablePattern> tables,
        String subdirectory,
        CollectionUris collection,
        Optional<Instant> asOf,
        Optional<Encryption> encryption,
        Optional<String> newDatabaseName,
        Optional<String> intoDatabase,
        String user,
        String sessionDatabase,
        List<String> schemas,
        String describedTargets,
        String describedOptions,
        Optional<HistoryExport.Request> history,
        Optional<NewTable> newTable) {

    public record NewTable(String schema, String name) {}

    /** A name with up to two qualifiers; without {@code name} all that the qualifiers hold. */
    public record TablePattern(List<String> qualifiers, Optional<String> name) {
        @Override
        public String toString() {
            return String.join(".", qualifiers) + (qualifiers.isEmpty() ? "" : ".") + name.orElse("*");
        }
    }
}
