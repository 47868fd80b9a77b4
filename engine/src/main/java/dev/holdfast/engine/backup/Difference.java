package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.history.span.LineBag;
import dev.holdfast.engine.history.span.NetRows;
import dev.holdfast.engine.history.span.Span;
import dev.holdfast.engine.history.span.Span.DefinitionChange;
import dev.holdfast.engine.history.span.TrackedTable;
import dev.holdfast.engine.schema.DatabaseSchema;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the rows that a snapshot sees and the rows at a cut have not in common: transactions that the snapshot sees and the cut
 * leaves out are undone, and those that the snapshot does not see and the cut contains are done.
 */
final class Difference implements AutoCloseable {
    private final Map<Long, LineBag> skipped = new HashMap<>();
    private final Map<Long, LineBag> added = new HashMap<>();
    private final Map<Long, TrackedTable> broken = new HashMap<>();
    private final List<DefinitionChange> definitionChanges;
    private final Optional<String> failure;
    private final Lsn start;
    private final Lsn resume;

    /**
     * @param start where {@code span} begins, which ends at the barrier
     * @param resume the last commit in the span that lies before the cut, or its start
     * @param net of the transactions that are on one side of the snapshot and on the other of the cut
     */
    Difference(StreamView view, Lsn cut, Lsn start, Lsn resume, Span span, NetRows net) throws IOException {
        this.start = start;
        this.resume = resume;
        this.failure = span.reportFailureSince(cut);
        this.definitionChanges = span.definitionChanges();
        span.tables().stream()
                .filter(table -> table.lastBreak().isPresent() && !table.lastBreak().get().lsn().isBefore(cut))
                .forEach(table -> broken.put(table.oid(), table));
        boolean complete = false;
        try {
            net.forEach((table, count, line) -> {
                var bags = count < 0 ? skipped : added;
                var bag = bags.get(table);
                if (bag == null) {
                    bag = new LineBag(view.spillDirectory());
                    bags.put(table, bag);
                }
                bag.add(Math.abs(count), line);
            });
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    /** {@code schema}: that of the cut. */
    static Difference between(StreamView view, Lsn cut, DatabaseSchema schema) throws SQLException, IOException, InterruptedException {
        try (var vicinity = Vicinity.read(view, schema, CutBound.known(cut))) {
            return vicinity.difference(cut);
        }
    }

    /** Rows that the snapshot sees and the cut has not. */
    Optional<LineBag> skipped(long table) {
        return Optional.ofNullable(skipped.get(table));
    }

    /** Rows that the cut has and the snapshot does not see. */
    Optional<LineBag> added(long table) {
        return Optional.ofNullable(added.get(table));
    }

    /** Tables whose rows at the cut cannot be worked out from what the snapshot sees. */
    Map<Long, TrackedTable> broken() {
        return broken;
    }

    /** Why it is not known what happened to definitions behind the cut, if so. */
    Optional<String> failure() {
        return failure;
    }

    /** Where the reading began. */
    Lsn start() {
        return start;
    }

    /** From the start to the barrier. */
    List<DefinitionChange> definitionChanges() {
        return definitionChanges;
    }

    /** Reading from here gives every transaction that the cut leaves out. */
    Lsn resume() {
        return resume;
    }

    @Override
    public void close() throws IOException {
        for (var bag : skipped.values()) {
            bag.close();
        }
        for (var bag : added.values()) {
            bag.close();
        }
    }
}
