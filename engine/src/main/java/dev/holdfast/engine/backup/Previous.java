package dev.holdfast.engine.backup;

import dev.holdfast.engine.collection.Chain;
import dev.holdfast.engine.collection.DatabaseDescriptor;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.TableRows;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The layer that an increment goes on from. */
record Previous(Chain.Link link, List<DatabaseDescriptor> databases) {
    private static final String ADJUSTING = "adjusting backup destination to append new layer to existing backup: ";

    static Previous of(Chain chain) throws IOException {
        chain.requireWhole(chain.links().size());
        var last = chain.last();
        return new Previous(last, last.layer().readDescriptors(last.manifest()));
    }

    UUID id() {
        return link.manifest().id();
    }

    Instant endTime() {
        return link.manifest().endTime();
    }

    /** Whether what is asked for can lead on from what is there. */
    void requireFits(BackupRequest request, UUID cluster) {
        if (!link.manifest().clusterId().equals(cluster)) {
            throw adjusting("previous BACKUP belongs to cluster " + link.manifest().clusterId());
        }
        switch (request.targets().kind()) {
            case CLUSTER -> {
                if (!link.manifest().fullCluster()) {
                    throw adjusting("previous BACKUP is not a backup of the whole cluster");
                }
            }
            case DATABASES -> {
                requireNotCluster();
                for (var name : request.targets().databases()) {
                    if (databases.stream().noneMatch(d -> d.name().equals(name) && d.complete())) {
                        throw adjusting("previous backup does not contain the complete database \"" + name + "\"");
                    }
                }
            }
            case TABLES -> {
                requireNotCluster();
                for (var target : request.targets().tables()) {
                    requireContains(target);
                }
            }
        }
    }

    private void requireNotCluster() {
        if (link.manifest().fullCluster()) {
            throw adjusting("cannot append a backup of specific tables or databases to a cluster backup");
        }
    }

    private void requireContains(BackupRequest.TableTarget target) {
        var database = databases.stream().filter(d -> d.name().equals(target.database())).findFirst();
        boolean contained = database.isPresent()
                && (database.get().complete()
                        || database.get().schema().objects().stream().anyMatch(SchemaSelection.named(List.of(target))));
        if (!contained) {
            throw adjusting("previous backup does not contain table \"" + target.database()
                    + (target.schema() == null ? "" : "." + target.schema()) + (target.name() == null ? "" : "." + target.name()) + "\"");
        }
    }

    void requireEarlierThan(Instant instant) {
        if (!endTime().isBefore(instant)) {
            throw adjusting("`AS OF SYSTEM TIME` " + instant + " must be greater than the previous backup's end time of " + endTime()
                    + ".");
        }
    }

    private static HoldfastException adjusting(String why) {
        return HoldfastException.of(SqlState.UNCATEGORIZED, ADJUSTING + why);
    }

    /** Where the changes begin that lead on from the layer; empty when the stream is another one now. */
    Optional<ChangeExport.Begin> beginOf(StreamView view) {
        var cut = link.manifest().servers().getFirst().cut();
        var database = databases.stream().filter(d -> d.name().equals(view.captured().database())).findFirst();
        var position = database.flatMap(DatabaseDescriptor::stream);
        if (cut.isEmpty()
                || position.isEmpty()
                || !position.get().generation().equals(view.captured().generation())) {
            return Optional.empty();
        }
        return Optional.of(new ChangeExport.Begin(cut.get(), position.get().resume(), captured(database.get()), position));
    }

    /** Only tables whose changes have been logged whole since the layer's end can be followed. */
    private static DatabaseSchema captured(DatabaseDescriptor database) {
        var schema = database.schema();
        return new DatabaseSchema(
                schema.serverVersion(),
                schema.properties(),
                List.of(),
                schema.tables().stream()
                        .filter(table -> database.state(table.objectId()).captured())
                        .filter(TableRows::fullIdentity)
                        .toList(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }
}
