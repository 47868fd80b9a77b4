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
    /** Of open transactions. Where there are more it is better to read once more when the cut is known. */
    private static final int MOST_OPEN = 100_000;

    private static final long MOST_OPEN_BYTES = 64 << 20;

    /** Stands before every cut, so that what is kept under it counts as it is. */
    private static final Lsn DECIDED = Lsn.ZERO;

    private final StreamView view;
    private final CutBound bound;
    private final Lsn start;
    private Lsn lastBefore;
    /** Those that were running when the snapshot was taken. */
    private final Set<Long> committed = new HashSet<>();
    /** Transactions of which it was not known on which side they are. */
    private final List<Lsn> open = new ArrayList<>();
    /** Of these; and of others the net, when their memory was needed. */
    private SpillFile kept;
    private long keptCount;
    private long openBytes;
    /** Of transactions that are on one side of the snapshot, and on the other of the cut. */
    private NetRows net;
    private Span span;

    private Vicinity(StreamView view, CutBound bound) throws IOException {
        this.view = view;
        this.bound = bound;
        this.start = view.startFor(Lsn.min(bound.least(), view.beforeSnapshot()));
        this.lastBefore = start;
        this.net = new NetRows(view.spillDirectory(), MEMORY);
    }

    /** Of a backup of now. */
    static Vicinity now(StreamView view, Instant now, Lsn least) throws SQLException, IOException, InterruptedException {
        var first = attempt(view, CutBound.now(now, least, view.barrier()));
        if (first.isPresent()) {
            return first.get();
        }
        view.distrustMark();
        return attempt(view, CutBound.now(now, least, view.barrier())).orElseThrow();
    }

    /** Empty: the mark before the snapshot cannot be relied on. */
    private static Optional<Vicinity> attempt(StreamView view, CutBound bound) throws SQLException, IOException, InterruptedException {
        var vicinity = read(view, view.export().whole(), bound);
        boolean kept = false;
        try {
            kept = view.isMarkReliable(vicinity.committed);
            return kept ? Optional.of(vicinity) : Optional.empty();
        } finally {
            if (!kept) {
                vicinity.close();
            }
        }
    }

    /** Where no mark was set; {@code schema}: what is there where the reading begins. */
    static Vicinity read(StreamView view, DatabaseSchema schema, CutBound bound) throws SQLException, IOException, InterruptedException {
        var vicinity = new Vicinity(view, bound);
        boolean kept = false;
        try {
            var reading = vicinity.new Reading();
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
        private Side side;
        private boolean seen;

        @Override
        public void committed(long xid, Lsn end, Instant at) {
            view.snapshot().runningAs(xid).ifPresent(committed::add);
            side = bound.side(end, at);
            seen = view.snapshot().sees(xid);
            switch (side) {
                case BEFORE -> lastBefore = end;
                case OPEN -> {
                    if (!isTooOpen()) {
                        open.add(end);
                    }
                }
                case BEHIND -> {}
            }
        }

        @Override
        public boolean wantsRows(long xid, Lsn commit) {
            return side == Side.OPEN ? !isTooOpen() : seen != (side == Side.BEFORE);
        }

        @Override
        public void row(TrackedTable table, Lsn commit, boolean begins, byte[] line) throws IOException {
            if (side == Side.OPEN) {
                keep(table.oid(), commit, seen, begins ? 1 : -1, line);
                openBytes += line.length;
            } else {
                net.add(table.oid(), begins == (side == Side.BEFORE) ? 1 : -1, line);
            }
        }
    }

    private boolean isTooOpen() {
        return open.size() == MOST_OPEN || openBytes > MOST_OPEN_BYTES;
    }

    /** {@code commit}: {@link #DECIDED}, or of an open transaction. */
    private void keep(long table, Lsn commit, boolean seen, int count, byte[] line) throws IOException {
        if (kept == null) {
            kept = new SpillFile(view.spillDirectory());
        }
        var out = kept.out();
        out.writeLong(table);
        out.writeLong(commit.value());
        out.writeBoolean(seen);
        out.writeInt(count);
        out.writeInt(line.length);
        out.write(line);
        keptCount++;
    }

    /** Gives its memory back, because others will be read before it is asked for the difference. */
    void spill() throws IOException {
        net.forEach((table, count, line) -> keep(table, DECIDED, false, count, line));
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

    /** How what the snapshot sees differs from the cut. Asked once: nothing is left of this then. */
    Difference difference(Lsn cut) throws SQLException, IOException, InterruptedException {
        if (cut.isBefore(bound.least()) || isTooOpen()) {
            close();
            return Difference.between(view, cut, view.export().whole());
        }
        try {
            return differenceFrom(cut);
        } finally {
            close();
        }
    }

    private Difference differenceFrom(Lsn cut) throws IOException {
        var resume = lastBefore;
        for (var commit : open) {
            resume = commit.isBefore(cut) ? commit : resume;
        }
        if (kept != null) {
            addKept(cut);
        }
        return new Difference(view, cut, start, resume, span, net);
    }

    private void addKept(Lsn cut) throws IOException {
        try (var in = kept.read()) {
            for (long i = 0; i < keptCount; i++) {
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
    }

    @Override
    public void close() throws IOException {
        if (kept != null) {
            kept.close();
        }
        net.close();
    }
}
