package dev.holdfast.engine.backup;

import dev.holdfast.engine.backup.BackupRequest.TableTarget;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.collection.BackupPath;
import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.collection.DatabaseDescriptor;
import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.collection.Manifest;
import dev.holdfast.engine.collection.Version;
import dev.holdfast.engine.crypto.BackupKeys;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.job.JobExecution;
import dev.holdfast.engine.job.JobResult;
import dev.holdfast.engine.job.JobState;
import dev.holdfast.engine.schema.SchemaObject;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.system.Setting;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.engine.system.SystemDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A full backup: hold the databases still, read their schemas and rows, write a layer.
 *
 * <p>A run that is interrupted has lost its snapshot with its connections. The next one starts over in a directory of its own
 * and removes what the other has left; unless the manifest was written already, in which case only the pointer is missing.
 */
public final class BackupJob implements JobExecution<BackupRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(BackupJob.class);

    private final SystemDatabase system;
    private final Storages storages;
    private final Settings settings;
    private final BackupKeys keys;
    private final Clock clock;
    private final int connections;

    public BackupJob(
            SystemDatabase system, Storages storages, Settings settings, BackupKeys keys, Clock clock, int connections) {
        this.system = system;
        this.storages = storages;
        this.settings = settings;
        this.keys = keys;
        this.clock = clock;
        this.connections = connections;
    }

    /** Where this job writes: known before the first object is there, so that what a crash leaves is always found. */
    private record Checkpoint(String path) {}

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
        var uri = StorageUri.parse(request.collection());
        try (var storage = storages.open(uri)) {
            var collection = collection(request, storage);
            var earlier = context.checkpoint(Checkpoint.class);
            if (earlier.isPresent()) {
                var layer = collection.full(new BackupPath(earlier.get().path()));
                if (isOurs(layer, context)) {
                    return publish(request, collection, new BackupPath(earlier.get().path()), Collection.read(layer), context);
                }
                context.startOver();
                removeUnfinished(layer, context);
            }
            return write(request, uri, collection, context);
        }
    }

    private Collection collection(BackupRequest request, ExternalStorage storage) throws IOException {
        var collection = new Collection(storage);
        return request.encryption().isEmpty() ? collection : collection.with(keys.open(request.encryption().get()));
    }

    private JobResult write(BackupRequest request, StorageUri uri, Collection collection, JobContext context)
            throws IOException, SQLException, InterruptedException {
        var databases = new ArrayList<DatabaseExport>();
        try {
            for (var selected : select(request, context)) {
                databases.add(DatabaseExport.begin(selected.database(), selected.roots(), context));
            }
            if (databases.isEmpty()) {
                throw HoldfastException.of(SqlState.UNCATEGORIZED, "no descriptors available to backup at selected time");
            }
            // The last snapshot is the youngest: at this moment all of them show what is committed.
            var endTime = databases.getLast().now();
            var path = request.subdirectory().map(BackupPath::typed).orElseGet(() -> BackupPath.of(endTime));
            var layer = prepare(request, uri, collection, path, context);
            layer.writeCheckpoint(clock.instant(), Map.of("job", context.id().value(), "endTime", endTime.toString()));

            var index = new FileIndex(system, context.id());
            index.clear();
            new RowExport(layer, databases, settings.get(Setting.BACKUP_FILE_SIZE), index, context).run(connections);
            var manifest = finish(request, layer, databases, index, endTime, context);
            return publish(request, collection, path, manifest, context);
        } finally {
            for (var database : databases) {
                database.close();
            }
        }
    }

    // ---- what ----

    private record Selected(String database, Optional<Predicate<SchemaObject>> roots) {}

    private List<Selected> select(BackupRequest request, JobContext context) throws SQLException {
        return switch (request.targets().kind()) {
            case CLUSTER -> allDatabases(context).stream().map(BackupJob::inCluster).toList();
            case DATABASES -> request.targets().databases().stream().distinct().map(name -> new Selected(name, Optional.empty())).toList();
            case TABLES -> {
                var byDatabase = new LinkedHashMap<String, List<TableTarget>>();
                for (var table : request.targets().tables()) {
                    byDatabase.computeIfAbsent(table.database(), name -> new ArrayList<>()).add(table);
                }
                yield byDatabase.entrySet().stream()
                        .map(entry -> new Selected(entry.getKey(), Optional.of(SchemaSelection.named(entry.getValue()))))
                        .toList();
            }
        };
    }

    /** Of the database {@code system} only what describes the cluster, not what runs in it. */
    private static Selected inCluster(String database) {
        return new Selected(
                database,
                database.equals(SystemDatabase.NAME)
                        ? Optional.of(object -> SchemaSelection.isRelation(object.kind())
                                && SystemDatabase.BACKED_UP_TABLES.contains(object.name()))
                        : Optional.empty());
    }

    /** Databases that nobody may connect to cannot be read, and those that a restore is building are not there yet. */
    private static List<String> allDatabases(JobContext context) throws SQLException {
        try (var connection = context.connect(SystemDatabase.NAME)) {
            return Sql.query(
                    connection,
                    """
                    select datname from pg_catalog.pg_database
                    where datallowconn and datname not in ('template0', 'template1')
                        and not (datname ~ '^holdfast_restore_[0-9]+_[0-9]+$' and datconnlimit = 0)
                    order by datname = 'system' desc, datname
                    """,
                    row -> row.getString(1));
        }
    }

    // ---- where ----

    private Layer prepare(BackupRequest request, StorageUri uri, Collection collection, BackupPath path, JobContext context)
            throws IOException, SQLException {
        var layer = collection.full(path);
        if (layer.hasManifest()) {
            if (request.subdirectory().isPresent()) {
                throw layer.alreadyHasManifest();
            }
            throw HoldfastException.of(
                    SqlState.DUPLICATE_FILE,
                    "A full backup already exists in " + layer.uri() + ". Consider running an incremental backup to this full"
                            + " backup via `BACKUP INTO '" + path + "' IN '" + uri + "'`");
        }
        context.saveCheckpoint(new Checkpoint(path.value()));
        layer.lock(new Layer.LockOwner(context.id().value(), context.attempt().toString()));
        if (request.encryption().isPresent()) {
            layer.writeEncryptionInfo(request.encryption().get().info());
        }
        context.describe("BACKUP " + request.describedTargets() + "INTO '" + path + "' IN '" + uri + "'" + request.describedOptions());
        return layer;
    }

    private static boolean isOurs(Layer layer, JobContext context) throws IOException {
        return layer.hasManifest() && Collection.read(layer).job() == context.id().value();
    }

    /** Nothing is written before the directory is locked, so one that this job has not locked holds nothing of it. */
    private static void removeUnfinished(Layer layer, JobContext context) throws IOException {
        var owner = layer.lockOwner();
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

    private Manifest finish(
            BackupRequest request, Layer layer, List<DatabaseExport> databases, FileIndex index, Instant endTime, JobContext context)
            throws IOException, SQLException {
        var descriptors = new ArrayList<DatabaseDescriptor>();
        var total = Manifest.EntryCounts.NONE;
        for (int i = 0; i < databases.size(); i++) {
            var database = databases.get(i);
            var counts = withIndexEntries(database, index.counts(i));
            for (var count : counts.values()) {
                total = total.plus(count);
            }
            boolean complete = request.targets().kind() != BackupRequest.BackupTargets.Kind.TABLES
                    && !database.database().equals(SystemDatabase.NAME);
            descriptors.add(new DatabaseDescriptor(i, complete, database.schema(), counts, database.absent()));
        }
        var descriptorPart = layer.writeDescriptors(descriptors);
        var filePart = layer.writeFiles(index::forEach);
        // Nothing is visible yet; from here on it will be.
        context.beginFinishing();
        var manifest = new Manifest(
                Manifest.FORMAT_VERSION,
                1,
                UUID.randomUUID(),
                system.clusterId(),
                Version.WRITER,
                context.id().value(),
                Optional.empty(),
                endTime,
                request.targets().kind() == BackupRequest.BackupTargets.Kind.CLUSTER,
                List.of(serverCut(context)),
                databases.stream().map(DatabaseExport::database).toList(),
                total,
                descriptorPart,
                filePart);
        layer.writeManifest(manifest);
        return manifest;
    }

    private static Map<Integer, Manifest.EntryCounts> withIndexEntries(
            DatabaseExport database, Map<Integer, Manifest.EntryCounts> rows) {
        var counts = new HashMap<Integer, Manifest.EntryCounts>();
        for (var table : database.schema().tables()) {
            var count = rows.get(table.objectId());
            if (count != null) {
                long entries = count.rows() * database.relation(table).secondaryIndexes();
                counts.put(table.objectId(), new Manifest.EntryCounts(count.rows(), entries, count.dataSize()));
            }
        }
        return counts;
    }

    private static Manifest.ServerCut serverCut(JobContext context) throws SQLException {
        try (Connection connection = context.connect(SystemDatabase.NAME)) {
            return Sql.one(
                    connection,
                    """
                    select s.system_identifier::text, c.timeline_id, current_setting('server_version_num')::int4
                    from pg_catalog.pg_control_system() s, pg_catalog.pg_control_checkpoint() c
                    """,
                    row -> new Manifest.ServerCut(row.getString(1), row.getInt(2), row.getInt(3)));
        }
    }

    private JobResult publish(
            BackupRequest request, Collection collection, BackupPath path, Manifest manifest, JobContext context)
            throws IOException, SQLException {
        context.beginFinishing();
        // A directory chosen by hand is not one that LATEST may lead to: SHOW BACKUPS would not list it either.
        if (request.subdirectory().isEmpty()) {
            collection.writeLatest(path, clock.instant());
        }
        new FileIndex(system, context.id()).clear();
        var counts = manifest.entryCounts();
        return new JobResult(counts.rows(), counts.indexEntries(), counts.dataSize(), List.of());
    }

    @Override
    public void revert(BackupRequest request, JobContext context) throws IOException, SQLException {
        var checkpoint = context.checkpoint(Checkpoint.class);
        if (checkpoint.isPresent()) {
            try (ExternalStorage storage = storages.open(StorageUri.parse(request.collection()))) {
                removeUnfinished(new Collection(storage).full(new BackupPath(checkpoint.get().path())), context);
            } catch (IOException | HoldfastException e) {
                // A bucket that is gone, or a service that is down, must not keep the job, and who waits for it, from an end.
                LOG.warn("job {}: what was written to {} stays there: {}", context.id(), checkpoint.get().path(), e.getMessage());
            }
        }
        new FileIndex(system, context.id()).clear();
    }
}
