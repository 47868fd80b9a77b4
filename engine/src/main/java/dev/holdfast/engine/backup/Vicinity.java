package dev.holdfast.engine.backup;

import dev.holdfast.engine.backup.CutBound.Side;
import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.history.span.NetRows;
import dev.holdfast.engine.history.span.RowSink;
import dev.holdfast.engine.history.span.Span;
import dev.holdfast.engine.history.span.Span.DefinitionChange;
import dev.holdfast.engine.history.span.SpillFile;
import dev.holdfast.engine.history.span.TrackedTable;
import dev.holdfast.engine.history.span.TransactionFilter;
import dev.holdfast.engine.schema.DatabaseSchema;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the stream tells around a snapshot and a cut, read once: from before both to the barrier behind them. The cut is found on
 * the way, and then this tells how snapshot and cut differ.
 */
final class Vicinity implements AutoCloseable {
    private static final long MEMORY = 32 << 20;

    private final StreamView view;
    private final CutBound bound;
    private final Lsn start;
    private Lsn lastBefore;
    private final List<Lsn> open = new ArrayList<>();
    /** Of transactions of which it was not known on which side they are. */
    private final SpillFile openRows;
    private long openRowCount;
    /** Of transactions that are on one side of the snapshot, and on the other of the cut. */
    private NetRows net;
    private Span span;

    private Vicinity(StreamView view, CutBound bound) throws IOException {
        this.view = view;
        this.bound = bound;
        this.start = view.startFor(Lsn.min(bound.least(), view.beforeSnapshot()));
        this.lastBefore = start;
        this.openRows = new SpillFile(view.spillDirectory());
        this.net = new NetRows(view.spillDirectory(), MEMORY);
    }

    /** Of a backup of now. */
    static Vicinity now(StreamView view, Instant now, Lsn least) throws SQLException, IOException, InterruptedException {
        var first = attempt(view, new CutBound.OfNow(now, least, view.barrier()));
        if (first.isPresent()) {
            return first.get();
        }
        view.distrustMark();
        return attempt(view, new CutBound.OfNow(now, least, view.barrier())).orElseThrow();
    }

    /** Empty: the mark before the snapshot cannot be relied on. */
    private static Optional<Vicinity> attempt(StreamView view, CutBound bound) throws SQLException, IOException, InterruptedException {
        var committed = new HashSet<Long>();
        var vicinity = read(view, view.export().whole(), bound, committed);
        boolean kept = false;
        try {
            kept = view.isMarkReliable(committed);
            return kept ? Optional.of(vicinity) : Optional.empty();
        } finally {
            if (!kept) {
                vicinity.close();
            }
        }
    }

    /** Where no mark was set; {@code schema}: what is there where the reading begins. */
    static Vicinity read(StreamView view, DatabaseSchema schema, CutBound bound) throws SQLException, IOException, InterruptedException {
        return read(view, schema, bound, new HashSet<>());
    }

    /** {@code committed}: gets those that were running when the snapshot was taken. */
    private static Vicinity read(StreamView view, DatabaseSchema schema, CutBound bound, Set<Long> committed)
            throws SQLException, IOException, InterruptedException {
        var vicinity = new Vicinity(view, bound);
        boolean kept = false;
        try {
            var reading = vicinity.new Reading(committed);
            vicinity.span = view.read(vicinity.start, view.barrier(), schema, reading, reading, reading);
            kept = true;
            return vicinity;
        } finally {
            if (!kept) {
                vicinity.close();
            }
        }
    }

    /** Sorts what comes by: of every transaction the commit first, then its rows if they are wanted. */
    private final class Reading implements TransactionFilter, RowSink, Span.CommitListener {
        private final Set<Long> committed;
        private Side side;
        private boolean seen;

        Reading(Set<Long> committed) {
            this.committed = committed;
        }

        @Override
        public void committed(long xid, Lsn end, Instant at) {
            view.snapshot().runningAs(xid).ifPresent(committed::add);
            side = bound.side(end, at);
            seen = view.snapshot().sees(xid);
            switch (side) {
                case BEFORE -> lastBefore = end;
                case OPEN -> open.add(end);
                case BEHIND -> {}
            }
        }

        @Override
        public boolean wantsRows(long xid, Lsn commit) {
            return side == Side.OPEN || seen != (side == Side.BEFORE);
        }

        @Override
        public void row(TrackedTable table, Lsn commit, boolean begins, byte[] line) throws IOException {
            if (side == Side.OPEN) {
                keep(table.oid(), commit, seen, begins ? 1 : -1, line);
            } else {
                net.add(table.oid(), begins == (side == Side.BEFORE) ? 1 : -1, line);
            }
        }
    }

    private void keep(long table, Lsn commit, boolean seen, int count, byte[] line) throws IOException {
        var out = openRows.out();
        out.writeLong(table);
        out.writeLong(commit.value());
        out.writeBoolean(seen);
        out.writeInt(count);
        out.writeInt(line.length);
        out.write(line);
        openRowCount++;
    }

    /** Gives its memory back, because others will be read before it is asked for the difference. */
    void rest() throws IOException {
        net.forEach((table, count, line) -> keep(table, Lsn.ZERO, false, count, line));
        net.close();
        net = new NetRows(view.spillDirectory(), MEMORY);
    }

    StreamView view() {
        return view;
    }

    /** Where the cut is, as far as this database has a say. */
    Lsn found() {
        return bound.found();
    }

    List<DefinitionChange> definitionChanges() {
        return span.definitionChanges();
    }

    /** How what the snapshot sees differs from the cut. Asked once. */
    Difference difference(Lsn cut) throws SQLException, IOException, InterruptedException {
        if (cut.isBefore(bound.least())) {
            return Difference.between(view, cut, view.export().whole());
        }
        var resume = lastBefore;
        for (var commit : open) {
            resume = commit.isBefore(cut) ? commit : resume;
        }
        try (var in = openRows.read()) {
            for (long i = 0; i < openRowCount; i++) {
                long table = in.readLong();
                var commit = new Lsn(in.readLong());
                boolean seen = in.readBoolean();
                int count = in.readInt();
                var line = new byte[in.readInt()];
                in.readFully(line);
                boolean before = commit.isBefore(cut);
                if (before != seen) {
                    net.add(table, before ? count : -count, line);
                }
            }
        }
        return new Difference(view, cut, start, resume, span, net);
    }

    @Override
    public void close() throws IOException {
        openRows.close();
        net.close();
    }
}
