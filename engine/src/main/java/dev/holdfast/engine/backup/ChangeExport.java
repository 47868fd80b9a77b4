package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.collection.FileEntry;
import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.collection.Manifest;
import dev.holdfast.engine.collection.StreamPosition;
import dev.holdfast.engine.history.Anchor;
import dev.holdfast.engine.history.span.NetRows;
import dev.holdfast.engine.history.span.RowSink;
import dev.holdfast.engine.history.span.Span;
import dev.holdfast.engine.history.span.SpillFile;
import dev.holdfast.engine.history.span.TrackedTable;
import dev.holdfast.engine.history.span.TransactionFilter;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.TableRows;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes what happened in one database between two cuts: the net of it, or, for a revision history, all of it in its order and
 * with its times.
 *
 * <p>A line of changes is {@code table OID, 'a' or 'b', count, commit LSN, row}. Those with {@code a} lead on from the rows of the
 * layer before; those with {@code b} lead up to the rows of this layer, and are undone from there.
 */
final class ChangeExport {
    private static final long MEMORY = 32 << 20;
    private static final long BYTES_PER_OBJECT = 128 << 20;

    private final StreamView view;
    private final int database;
    private final Layer layer;
    private final FileIndex index;
    private final JobContext context;
    private final Map<Long, long[]> counts = new HashMap<>();

    ChangeExport(StreamView view, int database, Layer layer, FileIndex index, JobContext context) {
        this.view = view;
        this.database = database;
        this.layer = layer;
        this.index = index;
        this.context = context;
    }

    /**
     * Where the span begins.
     *
     * @param cut exclusive end of what came before
     * @param schema that was in force there
     * @param witness has to come by, or this is not the stream that the layer before was cut from; empty for the first layer
     */
    record Begin(Lsn cut, Lsn resume, DatabaseSchema schema, Optional<StreamPosition> witness) {}

    /**
     * What the span was like.
     *
     * @param isSameStream whether what it tells leads on from the layer before: the witness came by, and nothing went unreported
     * @param failure to report something
     */
    record Outcome(
            boolean isSameStream,
            Optional<String> failure,
            Map<Long, TrackedTable> tables,
            Optional<StreamPosition.Moment> firstDefinition,
            Optional<StreamPosition.Moment> lastDefinition,
            Map<Long, Manifest.EntryCounts> counts) {
        /** Whether the rows of the table follow from those of the layer before. */
        boolean continues(TableRows table) {
            var tracked = tables.get(table.oid());
            return tracked != null
                    && tracked.isKnown()
                    && !tracked.isBroken()
                    && table.fullIdentity()
                    && tracked.isNamed(table.schema(), table.name())
                    && tracked.columns().equals(TrackedTable.columns(table));
        }
    }

    Outcome writeNet(Begin begin, Lsn cut) throws SQLException, IOException, InterruptedException {
        try (var net = new NetRows(view.spillDirectory(), MEMORY)) {
            var span = read(begin, cut, (table, commit, begins, line) -> {
                if (!table.isBroken() && table.isKnown()) {
                    net.add(table.oid(), begins ? 1 : -1, line);
                }
            }, (xid, end, at) -> {});
            try (var lines = new Lines()) {
                net.forEach((oid, count, line) -> {
                    // What was broken later has got a base.
                    if (!span.table(oid).map(TrackedTable::isBroken).orElse(true)) {
                        lines.add(oid, 'a', count, cut, line);
                    }
                });
                lines.write(FileEntry.Content.CHANGES);
            }
            return outcome(begin, span);
        }
    }

    /** {@code anchors}: what is needed to tell which instant means which place. */
    Outcome writeHistory(Begin begin, Lsn cut, List<Anchor> anchors) throws SQLException, IOException, InterruptedException {
        try (var lines = new Lines();
                var timeline = new Lines()) {
            for (var anchor : anchors) {
                timeline.add("A\t" + Long.toUnsignedString(anchor.lsn().value()) + "\t" + micros(anchor.at()) + "\t"
                        + anchor.monotonic() + "\t" + anchor.process());
            }
            boolean first = begin.witness().isEmpty();
            var span = read(begin, cut, (table, commit, begins, line) -> lines.add(
                    table.oid(), first || table.isBroken() || !table.isKnown() ? 'b' : 'a', begins ? 1 : -1, commit, line),
                    (xid, end, at) -> {
                        if (!end.isBefore(begin.cut()) && end.isBefore(cut)) {
                            timeline.add("C\t" + Long.toUnsignedString(end.value()) + "\t" + micros(at));
                        }
                    });
            lines.write(FileEntry.Content.CHANGES);
            timeline.write(FileEntry.Content.TIMELINE);
            return outcome(begin, span);
        }
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    private Span read(Begin begin, Lsn cut, RowSink sink, Span.CommitListener commits)
            throws SQLException, IOException, InterruptedException {
        var filter = new TransactionFilter() {
            @Override
            public boolean wantsRows(long xid, Lsn commit) {
                return !commit.isBefore(begin.cut()) && commit.isBefore(cut);
            }

            @Override
            public boolean wantsBreaks(Lsn commit) {
                return wantsRows(0, commit);
            }

            @Override
            public boolean isBeyond(Lsn commit) {
                return !commit.isBefore(cut);
            }
        };
        // The layer before may have its witness behind the cut of this one.
        var end = begin.witness().map(StreamPosition::witness).filter(cut::isBefore).orElse(cut);
        var span = view.read(begin.resume(), Lsn.min(end, view.barrier()), begin.schema(), filter, sink, commits);
        return span;
    }

    private Outcome outcome(Begin begin, Span span) {
        var tables = new HashMap<Long, TrackedTable>();
        span.tables().forEach(table -> tables.put(table.oid(), table));
        var definitions = span.definitionChanges().stream()
                .filter(change -> !change.commit().isBefore(begin.cut()))
                .map(change -> new StreamPosition.Moment(change.commit(), change.at()))
                .toList();
        var entryCounts = new HashMap<Long, Manifest.EntryCounts>();
        counts.forEach((oid, count) -> entryCounts.put(oid, new Manifest.EntryCounts(count[0], 0, count[1])));
        return new Outcome(
                span.reportFailure().isEmpty() && begin.witness().map(w -> span.hasSeen(w.witnessId())).orElse(true),
                span.reportFailure(),
                tables,
                definitions.isEmpty() ? Optional.empty() : Optional.of(definitions.getFirst()),
                definitions.isEmpty() ? Optional.empty() : Optional.of(definitions.getLast()),
                entryCounts);
    }

    // ---- files ----

    /** Lines on their way into the layer. They wait in a file until it is known that they will be wanted. */
    private final class Lines implements AutoCloseable {
        private final SpillFile file = new SpillFile(view.spillDirectory());
        private long lines;

        Lines() throws IOException {}

        void add(long oid, char phase, int count, Lsn commit, byte[] row) throws IOException {
            var head = (oid + "\t" + phase + "\t" + count + "\t" + Long.toUnsignedString(commit.value()) + "\t")
                    .getBytes(StandardCharsets.US_ASCII);
            file.out().writeInt(head.length + row.length + 1);
            file.out().write(head);
            file.out().write(row);
            file.out().write('\n');
            lines++;
            var sum = counts.computeIfAbsent(oid, o -> new long[2]);
            sum[0] += Math.abs(count);
            sum[1] += row.length + 1;
        }

        void add(String line) throws IOException {
            var bytes = (line + "\n").getBytes(StandardCharsets.US_ASCII);
            file.out().writeInt(bytes.length);
            file.out().write(bytes);
            lines++;
        }

        void write(FileEntry.Content content) throws IOException, SQLException, InterruptedException {
            if (lines == 0) {
                return;
            }
            try (var in = file.read()) {
                long[] left = {lines};
                while (left[0] > 0) {
                    try (var object = new DataObject(layer.storage(), "data/" + context.uniqueId() + ".sst")) {
                        object.append(
                                new DataObject.Subject(database, DataObject.NO_TABLE, content, FileEntry.Format.TEXT),
                                out -> {
                                    long rows = copy(in, out, left[0]);
                                    left[0] -= rows;
                                    return rows;
                                });
                        object.commit();
                        index.add(object.entries());
                    }
                }
            }
        }

        private long copy(DataInputStream in, OutputStream out, long most) throws IOException {
            long bytes = 0;
            long rows = 0;
            while (rows < most && bytes < BYTES_PER_OBJECT) {
                int length = in.readInt();
                var line = new byte[length];
                in.readFully(line);
                out.write(line);
                bytes += length;
                rows++;
                if ((rows & 0xfff) == 0) {
                    context.checkInterrupted();
                }
            }
            return rows;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
