package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.history.Anchor;
import dev.holdfast.engine.history.Captured;
import dev.holdfast.engine.history.History;
import dev.holdfast.engine.history.Snapshot;
import dev.holdfast.engine.history.span.RowSink;
import dev.holdfast.engine.history.span.Span;
import dev.holdfast.engine.history.span.TransactionFilter;
import dev.holdfast.engine.history.stream.SlotReader;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.TableRows;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The change stream of one database, seen from a snapshot of it: it can be read from somewhere before the snapshot to a barrier
 * behind it.
 */
final class StreamView {
    private final DatabaseExport export;
    private final Captured captured;
    private final History history;
    private final JobContext context;
    private final Path spillDirectory;
    private final Lsn beforeSnapshot;
    private final Snapshot snapshot;
    private final List<Anchor> anchors;
    private Optional<History.Mark> mark;
    private final String barrierId = UUID.randomUUID().toString();
    private Lsn barrier;

    /**
     * @param beforeSnapshot what was committed before it is seen by the snapshot
     * @param mark set just before the snapshot; the same holds for it, but for transactions that were ending at that moment
     */
    StreamView(
            DatabaseExport export,
            Captured captured,
            Lsn beforeSnapshot,
            Optional<History.Mark> mark,
            History history,
            Path spillDirectory,
            JobContext context)
            throws SQLException {
        this.export = export;
        this.captured = captured;
        this.history = history;
        this.context = context;
        this.spillDirectory = spillDirectory;
        this.beforeSnapshot = beforeSnapshot;
        this.mark = mark;
        this.snapshot = Snapshot.parse(export.visible());
        this.anchors = history.anchors(captured);
    }

    /** Everything that the snapshot sees has been committed before it. */
    void setBarrier() throws SQLException {
        try (var connection = context.connect(captured.database())) {
            barrier = history.barrier(captured, connection, barrierId);
        }
    }

    DatabaseExport export() {
        return export;
    }

    Captured captured() {
        return captured;
    }

    Snapshot snapshot() {
        return snapshot;
    }

    Lsn barrier() {
        return barrier;
    }

    String barrierId() {
        return barrierId;
    }

    Lsn beforeSnapshot() {
        return mark.map(History.Mark::at).orElse(beforeSnapshot);
    }

    /**
     * A transaction has its commit in the log before snapshots see it; mostly for microseconds, but as long as it waits for a standby,
     * too. One that did so when the mark was set lies before the mark, and the snapshot does not see it. So every transaction that is
     * as old, and that the snapshot does not see, has to be accounted for: it has failed, or its commit came by behind the mark.
     *
     * @param committed those that came by
     */
    boolean isMarkReliable(Set<Long> committed) throws SQLException {
        if (mark.isEmpty()) {
            return true;
        }
        var unseen = snapshot.running().stream().filter(xid -> xid < mark.get().xid() && !committed.contains(xid)).toList();
        if (unseen.isEmpty()) {
            return true;
        }
        try (var connection = context.connect(captured.database())) {
            for (var xid : unseen) {
                var status = Sql.one(connection, "select pg_catalog.pg_xact_status(?::text::xid8)", row -> row.getString(1), xid);
                if (!"aborted".equals(status)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** From now on the place from long before the snapshot is where reading begins. */
    void distrustMark() {
        mark = Optional.empty();
    }

    List<Anchor> anchors() {
        return anchors;
    }

    Path spillDirectory() {
        return spillDirectory;
    }

    History history() {
        return history;
    }

    /** A place from which everything is read that {@code cut} leaves out, and everything that the snapshot may not see. */
    Lsn startFor(Lsn cut) {
        if (mark.isPresent() && !cut.isBefore(mark.get().at())) {
            return mark.get().at();
        }
        var latest = Lsn.min(cut, beforeSnapshot);
        return anchors.stream()
                .map(Anchor::lsn)
                .filter(lsn -> !latest.isBefore(lsn))
                .reduce((a, b) -> b)
                .orElse(captured.first());
    }

    /** Reads what lies between, with the tables of {@code schema} known at its begin; the caller asks the span what it has seen. */
    Span read(
            Lsn from,
            Lsn to,
            DatabaseSchema schema,
            TransactionFilter filter,
            RowSink sink,
            Span.CommitListener commits)
            throws SQLException, IOException, InterruptedException {
        try (var reader = SlotReader.open(
                context.upstream(), captured.database(), captured.slots(), from, "holdfast job " + context.id())) {
            var span = span(reader.charset(), filter, sink).onCommit(commits);
            schema.tables().stream().filter(TableRows::fullIdentity).forEach(span::track);
            try {
                reader.read(span, to, context::checkInterrupted);
            } finally {
                // When the upstream dies in the middle of a large transaction, its rows are in a file.
                span.close();
            }
            return span;
        }
    }

    private Span span(Charset charset, TransactionFilter filter, RowSink sink) {
        return new Span(captured.secret(), charset, spillDirectory, filter, sink);
    }
}
