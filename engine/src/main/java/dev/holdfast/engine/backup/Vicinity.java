package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.history.span.NetRows;
import dev.holdfast.engine.history.span.Span;
import dev.holdfast.engine.history.span.Span.DefinitionChange;
import dev.holdfast.engine.history.span.SpillFile;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the stream tells around a snapshot, read once: from before it to the barrier behind it. The cut of a backup of now is chosen
 * here, and then this tells how snapshot and cut differ.
 */
final class Vicinity implements AutoCloseable {
    private final StreamView view;
    private final Lsn after;
    private final Lsn start;
    private Lsn lastCommitBefore;
    private final List<Lsn> commitsAfter = new ArrayList<>();
    /** Of the transactions that the snapshot does not see. */
    private final SpillFile rows;
    private long rowCount;
    private Lsn end;
    private Span span;

    private Vicinity(StreamView view, Lsn after) throws IOException {
        this.view = view;
        this.after = after;
        this.start = view.startFor(view.beforeSnapshot());
        this.lastCommitBefore = start;
        this.end = view.barrier();
        this.rows = new SpillFile(view.spillDirectory());
    }

    /**
     * @param instant of the snapshots
     * @param after what ends before it was committed before {@code instant}
     */
    static Vicinity read(StreamView view, Instant instant, Lsn after) throws SQLException, IOException, InterruptedException {
        var first = attempt(view, instant, after);
        if (first.isPresent()) {
            return first.get();
        }
        view.distrustMark();
        return attempt(view, instant, after).orElseThrow();
    }

    /** Empty: the mark before the snapshot cannot be relied on. */
    private static Optional<Vicinity> attempt(StreamView view, Instant instant, Lsn after)
            throws SQLException, IOException, InterruptedException {
        var vicinity = new Vicinity(view, after);
        boolean kept = false;
        try {
            var committed = new HashSet<Long>();
            vicinity.read(instant, committed);
            kept = view.isMarkReliable(committed);
            return kept ? Optional.of(vicinity) : Optional.empty();
        } finally {
            if (!kept) {
                vicinity.close();
            }
        }
    }

    private void read(Instant instant, Set<Long> committed) throws SQLException, IOException, InterruptedException {
        var snapshot = view.snapshot();
        span = view.read(
                start,
                view.barrier(),
                view.export().whole(),
                (xid, commit) -> !snapshot.sees(xid),
                (table, commit, begins, line) -> {
                    rows.out().writeLong(table.oid());
                    rows.out().writeLong(commit.value());
                    rows.out().writeBoolean(begins);
                    rows.out().writeInt(line.length);
                    rows.out().write(line);
                    rowCount++;
                },
                (xid, commit, at) -> {
                    snapshot.runningAs(xid).ifPresent(committed::add);
                    if (!after.isBefore(commit)) {
                        lastCommitBefore = commit;
                        return;
                    }
                    commitsAfter.add(commit);
                    if (at.isAfter(instant)) {
                        end = Lsn.min(end, commit);
                    }
                });
    }

    StreamView view() {
        return view;
    }

    /** The first commit that is behind the instant, or the barrier. */
    Lsn end() {
        return end;
    }

    List<DefinitionChange> definitionChanges() {
        return span.definitionChanges();
    }

    /** How what the snapshot sees differs from a cut. */
    Difference difference(Lsn cut) throws SQLException, IOException, InterruptedException {
        if (!after.isBefore(cut)) {
            // Then there may be transactions that the snapshot sees and the cut leaves out.
            return Difference.between(view, cut, view.export().whole());
        }
        var resume = lastCommitBefore;
        for (var commit : commitsAfter) {
            resume = commit.isBefore(cut) ? commit : resume;
        }
        var broken = span.tables().stream()
                .filter(table -> table.lastBreak().isPresent() && !table.lastBreak().get().lsn().isBefore(cut))
                .toList();
        try (var net = new NetRows(view.spillDirectory(), Difference.MEMORY);
                var in = rows.read()) {
            for (long i = 0; i < rowCount; i++) {
                long table = in.readLong();
                var commit = new Lsn(in.readLong());
                int count = in.readBoolean() ? 1 : -1;
                var line = new byte[in.readInt()];
                in.readFully(line);
                if (commit.isBefore(cut)) {
                    net.add(table, count, line);
                }
            }
            return new Difference(view, start, resume, span, broken, net);
        }
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
