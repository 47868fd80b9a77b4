package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.history.span.LineBag;
import dev.holdfast.engine.history.span.NetRows;
import dev.holdfast.engine.history.span.RowFilter;
import dev.holdfast.engine.history.span.Span.DefinitionChange;
import dev.holdfast.engine.history.span.TrackedTable;
import dev.holdfast.engine.history.span.TransactionFilter;
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
    private static final long MEMORY = 32 << 20;

    private final Map<Long, LineBag> skipped = new HashMap<>();
    private final Map<Long, LineBag> added = new HashMap<>();
    private final Map<Long, RowFilter> filters = new HashMap<>();
    private final Map<Long, TrackedTable> broken = new HashMap<>();
    private List<DefinitionChange> definitionChanges = List.of();
    private Optional<String> failure = Optional.empty();
    private Lsn start;
    private Lsn resume;

    private Difference() {}

    /** {@code schema}: that of the cut. */
    static Difference between(StreamView view, Lsn cut, DatabaseSchema schema) throws SQLException, IOException, InterruptedException {
        var difference = new Difference();
        var start = view.startFor(cut);
        difference.start = start;
        difference.resume = start;
        var snapshot = view.snapshot();
        var filter = new TransactionFilter() {
            @Override
            public boolean wantsRows(long xid, Lsn commit) {
                return snapshot.sees(xid) != commit.isBefore(cut);
            }

            @Override
            public boolean wantsBreaks(Lsn commit) {
                return !commit.isBefore(cut);
            }

            @Override
            public boolean isBeyond(Lsn commit) {
                return false;
            }
        };
        try (var net = new NetRows(view.spillDirectory(), MEMORY)) {
            var span = view.read(
                    start,
                    view.barrier(),
                    schema,
                    filter,
                    (table, commit, begins, line) -> net.add(table.oid(), begins == commit.isBefore(cut) ? 1 : -1, line),
                    (xid, end, at) -> {
                        if (end.isBefore(cut)) {
                            difference.resume = end;
                        }
                    });
            difference.failure = span.reportFailure();
            difference.definitionChanges = span.definitionChanges();
            span.tables().stream().filter(TrackedTable::isBroken).forEach(table -> difference.broken.put(table.oid(), table));
            net.forEach((table, count, line) -> {
                var bags = count < 0 ? difference.skipped : difference.added;
                var bag = bags.get(table);
                if (bag == null) {
                    bag = new LineBag(view.spillDirectory());
                    bags.put(table, bag);
                }
                bag.add(Math.abs(count), line);
            });
        } catch (SQLException | IOException | InterruptedException | RuntimeException e) {
            difference.close();
            throw e;
        }
        difference.skipped.forEach((table, bag) -> difference.filters.put(table, new RowFilter(bag)));
        return difference;
    }

    Map<Long, RowFilter> filters() {
        return filters;
    }

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
