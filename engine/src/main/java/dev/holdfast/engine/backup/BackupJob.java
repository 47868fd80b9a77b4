package dev.holdfast.engine.backup;

import dev.holdfast.engine.backup.BackupRequest.TableTarget;
import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.collection.BackupPath;
import dev.holdfast.engine.collection.Chain;
import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.collection.DatabaseDescriptor;
import dev.holdfast.engine.collection.FileEntry;
import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.collection.Manifest;
import dev.holdfast.engine.collection.Version;
import dev.holdfast.engine.crypto.BackupKeys;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.Anchor;
import dev.holdfast.engine.history.History;
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
import java.nio.file.Path;
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
     */
    private record Checkpoint(String path, String directory, Instant endTime, Optional<Lsn> cut) {
        Layer layer(Collection collection) {
            var full = new BackupPath(path);
            return directory.isEmpty() ? collection.full(full) : collection.increment(full, directory);
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
        try (var storage = storages.open(StorageUri.parse(request.collection()))) {
            var collection = collection(request, storage);
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

    private Collection collection(BackupRequest request, ExternalStorage storage) throws IOException {
        var collection = new Collection(storage);
        return request.encryption().isEmpty() ? collection : collection.with(keys.open(request.encryption().get()));
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
        try (var moment = Moment.take(select(request, context), wanted, history, spillDirectory, context)) {
            if (moment.databases().isEmpty()) {
                throw HoldfastException.of(SqlState.UNCATEGORIZED, "no descriptors available to backup at selected time");
            }
            if (previous.isPresent()) {
                previous.get().requireEarlierThan(moment.endTime());
            }
            var place = place(request, chain, moment, earlier);
            var layer = prepare(request, collection, place, context);
            var index = new FileIndex(system, context.id());
            index.clear();
            var notices = new ArrayList<String>();
            writeChanges(request, previous, moment, layer, index, notices, context);
            writeRows(request, moment, layer, index, context);
            var manifest = finish(request, previous, layer, moment, index, context);
            return publish(request, collection, place, manifest, notices, context);
        }
    }

    // ---- what ----

    /** A database, and what of it: all, if nothing is said. */
    record Selected(String database, Optional<Predicate<SchemaObject>> roots) {}

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
                moment.endTime(),
                moment.cut());
    }

    private Layer prepare(BackupRequest request, Collection collection, Checkpoint place, JobContext context)
            throws IOException, SQLException {
        var uri = StorageUri.parse(request.collection());
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
        layer.lock(new Layer.LockOwner(context.id().value(), context.attempt().toString()));
        if (request.encryption().isPresent() && request.appendTo().isEmpty()) {
            layer.writeEncryptionInfo(request.encryption().get().info());
        }
        context.describe("BACKUP " + request.describedTargets() + "INTO '" + place.path() + "' IN '" + uri + "'"
                + request.describedOptions());
        layer.writeCheckpoint(clock.instant(), Map.of("job", context.id().value(), "endTime", place.endTime().toString()));
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

    // ---- changes and rows ----

    private void writeChanges(
            BackupRequest request,
            Optional<Previous> previous,
            Moment moment,
            Layer layer,
            FileIndex index,
            List<String> notices,
            JobContext context)
            throws IOException, SQLException, InterruptedException {
        for (int i = 0; i < moment.databases().size(); i++) {
            var state = moment.databases().get(i);
            if (state.view().isEmpty() || previous.isEmpty() && !request.revisionHistory()) {
                continue;
            }
            var view = state.view().get();
            var cut = moment.cut().orElseThrow();
            var begin = previous.isPresent() ? previous.get().beginOf(view) : Optional.of(beginOfHistory(view));
            if (begin.isEmpty()) {
                notices.add(newBases(view));
                continue;
            }
            var export = new ChangeExport(view, i, layer, index, context);
            var outcome = request.revisionHistory()
                    ? export.writeHistory(begin.get(), cut, anchors(view, begin.get().cut(), cut))
                    : export.writeNet(begin.get(), cut);
            if (!outcome.isSameStream()) {
                notices.add(newBases(view));
            }
            moment.databases().set(i, state.with(outcome));
        }
    }

    private static String newBases(StreamView view) {
        return "the history of database \"" + view.captured().database()
                + "\" does not lead on from the layer before, so this layer holds all rows of its tables";
    }

    /** Everything that can still be read. */
    private static ChangeExport.Begin beginOfHistory(StreamView view) throws SQLException {
        var oldest = view.history().oldest(view.captured()).orElse(view.captured().first());
        return new ChangeExport.Begin(oldest, oldest, view.export().schema(), Optional.empty());
    }

    /** Those between the cuts, and one on either side. */
    private static List<Anchor> anchors(StreamView view, Lsn from, Lsn to) {
        var anchors = view.anchors();
        int first = 0;
        int last = anchors.size();
        for (int i = 0; i < anchors.size(); i++) {
            if (!from.isBefore(anchors.get(i).lsn())) {
                first = i;
            }
            if (anchors.get(i).lsn().isBefore(to)) {
                last = Math.min(anchors.size(), i + 2);
            }
        }
        return anchors.subList(first, Math.max(first, last));
    }

    private void writeRows(BackupRequest request, Moment moment, Layer layer, FileIndex index, JobContext context)
            throws IOException, SQLException, InterruptedException {
        boolean increment = request.appendTo().isPresent();
        var units = new ArrayList<ReadUnit>();
        long fileSize = settings.get(Setting.BACKUP_FILE_SIZE);
        for (int i = 0; i < moment.databases().size(); i++) {
            var state = moment.databases().get(i);
            moment.requireReadable(state, table -> state.needsBase(table, increment));
            units.addAll(ReadUnit.plan(
                    state.export(),
                    i,
                    table -> state.needsBase(table, increment),
                    state.difference().map(Difference::filters).orElse(Map.of()),
                    fileSize));
        }
        new RowExport(layer, units, index, context).run(connections);
        for (int i = 0; i < moment.databases().size(); i++) {
            var state = moment.databases().get(i);
            if (state.difference().isPresent()) {
                writeAdded(state, i, increment, layer, index, context);
            }
        }
    }

    /** Rows that the cut has and the snapshot has not. */
    private static void writeAdded(
            LayerState state, int database, boolean increment, Layer layer, FileIndex index, JobContext context)
            throws IOException, SQLException, InterruptedException {
        var difference = state.difference().orElseThrow();
        for (var table : state.export().schema().tables()) {
            if (!state.needsBase(table, increment)) {
                continue;
            }
            var filter = difference.filters().get(table.oid());
            if (filter != null && filter.missing() != 0) {
                throw HoldfastException.of(
                        SqlState.DATA_CORRUPTED,
                        "table \"" + table.schema() + "." + table.name() + "\" lacks " + filter.missing()
                                + " rows that its history has put there");
            }
            var added = difference.added(table.oid());
            if (added.isPresent()) {
                try (var object = new DataObject(layer.storage(), "data/" + context.uniqueId() + ".sst")) {
                    object.append(
                            new DataObject.Subject(database, table.objectId(), FileEntry.Content.ROWS, FileEntry.Format.TEXT),
                            out -> {
                                added.get().forEach((count, line) -> {
                                    for (int n = 0; n < count; n++) {
                                        out.write(line);
                                        out.write('\n');
                                    }
                                });
                                return added.get().rows();
                            });
                    object.commit();
                    index.add(object.entries());
                }
            }
        }
    }

    // ---- the end ----

    private Manifest finish(
            BackupRequest request,
            Optional<Previous> previous,
            Layer layer,
            Moment moment,
            FileIndex index,
            JobContext context)
            throws IOException, SQLException {
        var descriptors = new ArrayList<DatabaseDescriptor>();
        var total = Manifest.EntryCounts.NONE;
        boolean increment = previous.isPresent();
        for (int i = 0; i < moment.databases().size(); i++) {
            var state = moment.databases().get(i);
            var database = state.export();
            var counts = withIndexEntries(database, index.counts(i));
            if (state.changes().isPresent() && increment) {
                addChanges(state, counts);
            }
            for (var count : counts.values()) {
                total = total.plus(count);
            }
            boolean complete = request.targets().kind() != BackupRequest.BackupTargets.Kind.TABLES
                    && !database.database().equals(SystemDatabase.NAME);
            descriptors.add(new DatabaseDescriptor(
                    i,
                    complete,
                    database.schema(),
                    counts,
                    database.absent(),
                    moment.cut().flatMap(state::position),
                    state.states(increment)));
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
                previous.map(Previous::endTime),
                moment.endTime(),
                previous.map(Previous::id),
                request.revisionHistory() ? moment.revisionStart(previous.map(Previous::endTime)) : Optional.empty(),
                request.targets().kind() == BackupRequest.BackupTargets.Kind.CLUSTER,
                List.of(serverCut(moment.cut(), context)),
                moment.databases().stream().map(state -> state.export().database()).toList(),
                total,
                descriptorPart,
                filePart);
        layer.writeManifest(manifest);
        return manifest;
    }

    private static void addChanges(LayerState state, Map<Integer, Manifest.EntryCounts> counts) {
        var changed = state.changes().orElseThrow().counts();
        for (var table : state.export().schema().tables()) {
            var count = changed.get(table.oid());
            if (count != null && !state.needsBase(table, true)) {
                counts.put(table.objectId(), count);
            }
        }
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

    private static Manifest.ServerCut serverCut(Optional<Lsn> cut, JobContext context) throws SQLException {
        try (Connection connection = context.connect(SystemDatabase.NAME)) {
            return Sql.one(
                    connection,
                    """
                    select s.system_identifier::text, c.timeline_id, current_setting('server_version_num')::int4
                    from pg_catalog.pg_control_system() s, pg_catalog.pg_control_checkpoint() c
                    """,
                    row -> new Manifest.ServerCut(row.getString(1), row.getInt(2), row.getInt(3), cut));
        }
    }

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
            try (ExternalStorage storage = storages.open(StorageUri.parse(request.collection()))) {
                removeUnfinished(checkpoint.get().layer(new Collection(storage)), context);
            } catch (IOException | HoldfastException e) {
                // A bucket that is gone, or a service that is down, must not keep the job, and who waits for it, from an end.
                LOG.warn("job {}: what was written to {} stays there: {}", context.id(), checkpoint.get().path(), e.getMessage());
            }
        }
        new FileIndex(system, context.id()).clear();
    }
}
