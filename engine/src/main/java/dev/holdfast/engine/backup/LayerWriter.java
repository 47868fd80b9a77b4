package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.collection.DatabaseDescriptor;
import dev.holdfast.engine.collection.FileEntry;
import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.collection.Manifest;
import dev.holdfast.engine.collection.Version;
import dev.holdfast.engine.history.Anchor;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.schema.TableRows;
import dev.holdfast.engine.system.Setting;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.engine.system.SystemDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/** Writes a layer: the changes since the one before it, the rows of tables that need a base, and the manifest. */
final class LayerWriter {
    private final SystemDatabase system;
    private final Settings settings;
    private final int connections;
    private final BackupRequest request;
    private final Optional<Previous> previous;
    private final boolean increment;
    private final Moment moment;
    private final Layer layer;
    private final JobContext context;
    private final FileIndex index;
    private final List<String> notices = new ArrayList<>();

    /** Called when all but the manifest is written. */
    interface Announcement {
        void announce() throws SQLException;
    }

    LayerWriter(
            SystemDatabase system,
            Settings settings,
            int connections,
            BackupRequest request,
            Optional<Previous> previous,
            Moment moment,
            Layer layer,
            JobContext context) {
        this.system = system;
        this.settings = settings;
        this.connections = connections;
        this.request = request;
        this.previous = previous;
        this.increment = previous.isPresent();
        this.moment = moment;
        this.layer = layer;
        this.context = context;
        this.index = new FileIndex(system, context.id());
    }

    Manifest write(Announcement beforeManifest) throws IOException, SQLException, InterruptedException {
        index.clear();
        writeChanges();
        writeRows();
        return finish(beforeManifest);
    }

    /** What the user ought to know of it. */
    List<String> notices() {
        return notices;
    }

    // ---- changes and rows ----

    private void writeChanges() throws IOException, SQLException, InterruptedException {
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
                notices.add(newBases(view) + outcome.failure().map(why -> " (" + why + ")").orElse(""));
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

    private void writeRows() throws IOException, SQLException, InterruptedException {
        var units = new ArrayList<ReadUnit>();
        var omissions = new ArrayList<Omissions>();
        long fileSize = settings.get(Setting.BACKUP_FILE_SIZE);
        for (int i = 0; i < moment.databases().size(); i++) {
            var state = moment.databases().get(i);
            if (increment) {
                // Which tables begin anew is known only now; of a full backup all were looked at before anything was written.
                moment.requireReadable(state, table -> state.needsBase(table, true));
            }
            Predicate<TableRows> wanted = table -> state.needsBase(table, increment);
            omissions.add(Omissions.of(state, wanted, omissions, context));
            units.addAll(ReadUnit.plan(state.export(), i, wanted, omissions.getLast(), fileSize));
        }
        new RowExport(layer, units, index, context).run(connections);
        for (int i = 0; i < moment.databases().size(); i++) {
            var state = moment.databases().get(i);
            if (state.difference().isPresent()) {
                writeAdded(state, i, omissions.get(i));
            }
        }
    }

    /** Rows that the cut has and the snapshot has not. */
    private void writeAdded(LayerState state, int database, Omissions omissions) throws IOException, SQLException, InterruptedException {
        var difference = state.difference().orElseThrow();
        for (var table : state.export().schema().tables()) {
            if (!state.needsBase(table, increment)) {
                continue;
            }
            omissions.requireComplete(table);
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

    private Manifest finish(Announcement beforeManifest) throws IOException, SQLException {
        var descriptors = new ArrayList<DatabaseDescriptor>();
        var total = Manifest.EntryCounts.NONE;
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
                    state.states(increment, moment.cut(), moment.endTime())));
        }
        var descriptorPart = layer.writeDescriptors(descriptors);
        var filePart = layer.writeFiles(index::forEach);
        beforeManifest.announce();
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
                List.of(serverCut(moment.cut())),
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

    private Manifest.ServerCut serverCut(Optional<Lsn> cut) throws SQLException {
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
}
