package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.collection.BackupPath;
import dev.holdfast.engine.collection.Chain;
import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.collection.LayerLocks;
import dev.holdfast.engine.collection.Manifest;
import dev.holdfast.engine.crypto.BackupKeys;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.History;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.job.JobExecution;
import dev.holdfast.engine.job.JobResult;
import dev.holdfast.engine.job.JobState;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.engine.system.SystemDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A backup, full or incremental: hold the databases still, find the cut, read schemas, rows and changes, write a layer.
 *
 * <p>A run that is interrupted has lost its snapshots with its connections. The next one removes what it has left, and begins
 * again with the same cut where there is one; unless the manifest was written already, in which case only the pointer is missing.
 */
public final class BackupJob implements JobExecution<BackupRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(BackupJob.class);

    private final SystemDatabase system;
    private final Storages storages;
    private final Settings settings;
    private final BackupKeys keys;
    private final History history;
    private final Path spillDirectory;
    private final Clock clock;
    private final int connections;

    /** {@code spillDirectory}: for what does not fit into memory. */
    public BackupJob(
            SystemDatabase system,
            Storages storages,
            Settings settings,
            BackupKeys keys,
            History history,
            Path spillDirectory,
            Clock clock,
            int connections) {
        this.system = system;
        this.storages = storages;
        this.settings = settings;
        this.keys = keys;
        this.history = history;
        this.spillDirectory = spillDirectory;
        this.clock = clock;
        this.connections = connections;
    }

    /**
     * Where this job writes, known before the first object is there, so that what a crash leaves is always found; and what it
     * writes the state of.
     *
     * @param directory of an increment
     * @param previous of an increment: the directory of the layer that it leads on from
     */
    private record Checkpoint(String path, String directory, Optional<String> previous, Instant endTime, Optional<Lsn> cut) {
        Layer layer(Collection collection) throws IOException {
            return in(collection, directory);
        }

        Optional<Layer> previous(Collection collection) throws IOException {
            return previous.isPresent() ? Optional.of(in(collection, previous.get())) : Optional.empty();
        }

        private Layer in(Collection collection, String name) throws IOException {
            var full = new BackupPath(path);
            return name.isEmpty() ? collection.full(full) : collection.increment(full, name);
        }
    }

    @Override
    public Class<BackupRequest> payloadType() {
        return BackupRequest.class;
    }

    @Override
    public JobState whenRetriesAreExhausted() {
        return JobState.FAILED;
    }

    @Override
    public JobResult run(BackupRequest request, JobContext context) throws IOException, SQLException, InterruptedException {
        try (var plain = Collection.open(storages, request.collection())) {
            var collection = plain.with(request.encryption(), keys);
            var earlier = context.checkpoint(Checkpoint.class);
            if (earlier.isPresent()) {
                var layer = earlier.get().layer(collection);
                if (isOurs(layer, context)) {
                    return publish(request, collection, earlier.get(), Collection.read(layer), List.of(), context);
                }
                context.startOver();
                removeUnfinished(layer, context);
            }
            return write(request, collection, earlier.filter(checkpoint -> checkpoint.cut().isPresent()), context);
        }
    }

    private JobResult write(BackupRequest request, Collection collection, Optional<Checkpoint> earlier, JobContext context)
            throws IOException, SQLException, InterruptedException {
        if (request.appendTo().isPresent()) {
            collection.requireIncrements();
        }
        Optional<Chain> chain = request.appendTo().isPresent()
                ? Optional.of(collection.chain(
                        earlier.isPresent() ? new BackupPath(earlier.get().path()) : collection.resolve(request.appendTo().get())))
                : Optional.empty();
        var previous = chain.isPresent() ? Optional.of(Previous.of(chain.get())) : Optional.<Previous>empty();
        if (previous.isPresent()) {
            previous.get().requireFits(request, system.clusterId());
        }
        var wanted = new Moment.Wanted(
                request.asOf(), earlier.map(Checkpoint::endTime), earlier.flatMap(Checkpoint::cut), previous.isPresent());
        var selected = BackupSelection.select(request.targets(), context);
        try (var moment = Moment.take(selected, wanted, history, spillDirectory, context)) {
            if (moment.databases().isEmpty()) {
                throw HoldfastException.of(SqlState.UNCATEGORIZED, "no descriptors available to backup at selected time");
            }
            BackupSelection.requireFound(request.targets(), moment, "BACKUP");
            if (previous.isPresent()) {
                previous.get().requireEarlierThan(moment.endTime(), request.asOf().isEmpty());
            } else {
                // Before anything is written: some storage lets nothing be removed.
                moment.requireReadable();
            }
            var place = place(request, chain, moment, earlier);
            var layer = prepare(request, collection, place, context);
            var writer = new LayerWriter(system, settings, connections, request, previous, moment, layer, context);
            // Nothing is visible before the manifest; with it, it will be.
            var manifest = writer.write(context::beginFinishing);
            return publish(request, collection, place, manifest, writer.notices(), context);
        }
    }

    // ---- where ----

    private static Checkpoint place(BackupRequest request, Optional<Chain> chain, Moment moment, Optional<Checkpoint> earlier) {
        if (earlier.isPresent()) {
            return earlier.get();
        }
        var path = chain.isPresent()
                ? chain.get().full()
                : request.subdirectory().map(BackupPath::typed).orElseGet(() -> BackupPath.of(moment.endTime()));
        return new Checkpoint(
                path.value(),
                chain.isPresent() ? Collection.incrementDirectory(moment.endTime()) : "",
                chain.map(c -> c.last().directory()),
                moment.endTime(),
                moment.cut());
    }

    private Layer prepare(BackupRequest request, Collection collection, Checkpoint place, JobContext context)
            throws IOException, SQLException {
        var uri = StorageUri.parse(request.collection().collection());
        var layer = place.layer(collection);
        if (layer.hasManifest()) {
            if (request.subdirectory().isPresent() || request.appendTo().isPresent()) {
                throw layer.alreadyHasManifest();
            }
            throw HoldfastException.of(
                    SqlState.DUPLICATE_FILE,
                    "A full backup already exists in " + layer.uri() + ". Consider running an incremental backup to this full"
                            + " backup via `BACKUP INTO '" + place.path() + "' IN '" + uri + "'`");
        }
        context.saveCheckpoint(place);
        var previous = place.previous(collection);
        if (previous.isPresent()) {
            previous.get().locks().takeNext(owner(context));
        }
        layer.locks().take(owner(context));
        if (request.encryption().isPresent() && request.appendTo().isEmpty()) {
            layer.writeEncryptionInfo(request.encryption().get().info());
        }
        context.describe("BACKUP " + request.describedTargets() + "INTO '" + place.path() + "' IN '" + uri + "'"
                + request.describedOptions());
        layer.writeCheckpoint(clock.instant(), Map.of("job", context.id().value(), "endTime", place.endTime().toString()));
        return layer;
    }

    private static LayerLocks.Owner owner(JobContext context) {
        return new LayerLocks.Owner(context.id().value(), context.attempt().toString());
    }

    private static boolean isOurs(Layer layer, JobContext context) throws IOException {
        return layer.hasManifest() && Collection.read(layer).job() == context.id().value();
    }

    /** Nothing is written before the directory is locked, so one that this job has not locked holds nothing of it. */
    private static void removeUnfinished(Layer layer, JobContext context) throws IOException {
        var owner = layer.locks().owner();
        if (!layer.hasManifest() && owner.isPresent() && owner.get().job() == context.id().value()) {
            try {
                layer.remove();
            } catch (HoldfastException e) {
                if (!e.state().equals(SqlState.INSUFFICIENT_PRIVILEGE)) {
                    throw e;
                }
                // Storage that forbids deleting is there on purpose. Without a manifest nobody takes what stays for a backup.
                LOG.info("job {}: what was written to {} stays there: {}", context.id(), layer.uri(), e.getMessage());
            }
        }
    }

    // ---- the end ----

    private JobResult publish(
            BackupRequest request,
            Collection collection,
            Checkpoint place,
            Manifest manifest,
            List<String> notices,
            JobContext context)
            throws IOException, SQLException {
        context.beginFinishing();
        // A directory chosen by hand is not one that LATEST may lead to: SHOW BACKUPS would not list it either.
        if (request.subdirectory().isEmpty() && request.appendTo().isEmpty()) {
            collection.writeLatest(new BackupPath(place.path()), clock.instant());
        }
        new FileIndex(system, context.id()).clear();
        var counts = manifest.entryCounts();
        return new JobResult(counts.rows(), counts.indexEntries(), counts.dataSize(), notices);
    }

    @Override
    public void revert(BackupRequest request, JobContext context) throws IOException, SQLException {
        var checkpoint = context.checkpoint(Checkpoint.class);
        if (checkpoint.isPresent()) {
            try (var collection = Collection.open(storages, request.collection())) {
                removeUnfinished(checkpoint.get().layer(collection), context);
                var previous = checkpoint.get().previous(collection);
                if (previous.isPresent()) {
                    previous.get().locks().releaseNext(owner(context));
                }
            } catch (IOException | HoldfastException e) {
                // A bucket that is gone, or a service that is down, must not keep the job, and who waits for it, from an end.
                LOG.warn("job {}: what was written to {} stays there: {}", context.id(), checkpoint.get().path(), e.getMessage());
            }
        }
        new FileIndex(system, context.id()).clear();
    }
}
