package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.TimeMap;
import dev.holdfast.engine.history.span.Span.DefinitionChange;
import dev.holdfast.engine.history.span.TransactionFilter;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.TableRows;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Finds the cut of a backup: one place in the log for all databases, before which everything is in and behind which nothing is.
 */
final class CutSearch {
    private CutSearch() {}

    /**
     * Of what the snapshots see, a moment after them. Not behind a change of definitions that a snapshot does not see: its schema
     * would be another one.
     *
     * @param last whether there will not be another attempt
     * @return empty when younger snapshots are needed, because definitions were changed just now
     */
    static Optional<Lsn> now(Collection<Vicinity> vicinities, boolean last) {
        var cut = Lsn.MAX;
        var unseen = Lsn.MAX;
        for (var vicinity : vicinities) {
            cut = Lsn.min(cut, vicinity.found());
            for (var change : vicinity.definitionChanges()) {
                if (!vicinity.view().snapshot().sees(change.xid())) {
                    unseen = Lsn.min(unseen, change.commit());
                }
            }
        }
        if (unseen.isBefore(cut)) {
            if (!last) {
                return Optional.empty();
            }
            cut = unseen;
        }
        for (var vicinity : vicinities) {
            for (var change : vicinity.definitionChanges()) {
                if (vicinity.view().snapshot().sees(change.xid()) && !change.commit().isBefore(cut)) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(cut);
    }

    private static List<DefinitionChange> definitionChanges(StreamView view, Lsn from, Lsn to)
            throws SQLException, IOException, InterruptedException {
        var span = view.read(
                from,
                to,
                view.export().whole(),
                TransactionFilter.NO_ROWS,
                (table, commit, begins, line) -> {},
                (xid, commit, at) -> {});
        if (span.reportFailure().isPresent()) {
            throw unreliable(view, span.reportFailure().get());
        }
        return span.definitionChanges();
    }

    static HoldfastException unreliable(StreamView view, String why) {
        return HoldfastException.of(
                        SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "the history of database \"" + view.captured().database() + "\" cannot be relied on: " + why)
                .withHint("Choose a later time, or restore from an earlier backup.");
    }

    /** The place that an instant means. {@code vicinities}: gets what the streams tell around it. */
    static Lsn at(Instant instant, Collection<StreamView> views, Map<StreamView, Vicinity> vicinities)
            throws SQLException, IOException, InterruptedException {
        var maps = new LinkedHashMap<StreamView, TimeMap>();
        for (var view : views) {
            maps.put(view, TimeMap.of(instant, view.anchors()).orElseThrow(() -> tooOld(view, instant)));
        }
        // Those in which least happens come first: then little has to be kept until the cut is known.
        var order = views.stream().sorted(Comparator.comparing(view -> maps.get(view).from().lsn())).toList();
        var cut = Lsn.MAX;
        for (int i = 0; i < order.size(); i++) {
            var view = order.get(i);
            boolean last = i + 1 == order.size();
            var leastOfOthers = last ? Lsn.MAX : maps.get(order.get(i + 1)).from().lsn();
            var bound = CutBound.past(maps.get(view), view.barrier(), cut, leastOfOthers);
            var vicinity = Vicinity.read(view, view.export().whole(), bound);
            vicinities.put(view, vicinity);
            if (!last) {
                vicinity.spill();
            }
            cut = Lsn.min(cut, vicinity.found());
        }
        return cut;
    }

    static HoldfastException tooOld(StreamView view, Instant instant) {
        var oldest = view.anchors().isEmpty() ? "now" : view.anchors().getFirst().at().toString();
        return HoldfastException.of(
                        SqlState.UNCATEGORIZED,
                        "AS OF SYSTEM TIME " + instant + " must be after replica GC threshold " + oldest + " of database \""
                                + view.captured().database() + "\"")
                .withHint("SHOW HISTORY tells how far back each database can be read.");
    }

    /**
     * The schema that was in force at a cut in the past, if it is not that of the snapshot.
     *
     * @param changes all from {@code start}, which lies before the cut, to the barrier
     */
    static Optional<DatabaseSchema> schemaAt(
            StreamView view, Lsn cut, Instant instant, Lsn start, List<DefinitionChange> changes)
            throws SQLException, IOException, InterruptedException {
        var after = changes.stream().filter(change -> !change.commit().isBefore(cut)).findFirst();
        if (after.isEmpty()) {
            return Optional.empty();
        }
        var version = view.history().schemaBefore(view.captured(), after.get().commit());
        if (version.isPresent()) {
            if (!version.get().from().isBefore(cut) || !version.get().to().isBefore(cut)) {
                return Optional.of(version.get().schema());
            }
            // Nobody has looked between the version's end and the cut; the stream tells.
            var known = version.get().to();
            var between = known.isBefore(start) ? definitionChanges(view, known, cut) : changes;
            if (between.stream().noneMatch(c -> known.isBefore(c.commit()) && c.commit().isBefore(cut))) {
                return Optional.of(version.get().schema());
            }
        }
        var before = changes.stream().filter(change -> change.commit().isBefore(cut)).reduce((a, b) -> b);
        throw HoldfastException.of(
                        SqlState.UNCATEGORIZED,
                        "the definitions of database \"" + view.captured().database() + "\" at " + instant + " are not known: they were changed"
                                + before.map(change -> " at " + change.at()).orElse(" before") + " and at " + after.get().at())
                .withHint("Choose a time before the first or after the last of these.");
    }

    /** Refuses an instant that is further back than is allowed for a wanted table. */
    static void requireWithinRetention(StreamView view, Predicate<TableRows> wanted, Instant instant) throws SQLException {
        var retentions = view.history().retentions(view.captured());
        if (retentions.isEmpty()) {
            return;
        }
        var now = view.export().now().time();
        for (var table : view.export().schema().tables()) {
            var retention = retentions.get(table.oid());
            if (retention != null && wanted.test(table) && instant.isBefore(now.minus(retention))) {
                throw HoldfastException.of(
                                SqlState.UNCATEGORIZED,
                                "AS OF SYSTEM TIME " + instant + " must be after replica GC threshold " + now.minus(retention)
                                        + " of table \"" + table.schema() + "." + table.name() + "\"")
                        .withHint("SHOW HISTORY tells how far back each table can be read.");
            }
        }
    }

    /** Refuses a cut at which the rows of a wanted table cannot be worked out. */
    static void requireUnbroken(StreamView view, Difference difference, Predicate<TableRows> wanted, Instant instant) {
        for (var table : view.export().schema().tables()) {
            var name = table.schema() + "." + table.name();
            if (table.unlogged() || !wanted.test(table)) {
                continue;
            }
            if (!table.fullIdentity()) {
                throw HoldfastException.of(
                        SqlState.UNCATEGORIZED,
                        "AS OF SYSTEM TIME is not possible for table \"" + name + "\": its changes are not kept");
            }
            var broken = difference.broken().get(table.oid());
            if (broken != null || !view.export().has(table)) {
                var why = broken == null ? "it is gone" : broken.why() + " at " + broken.lastBreak().orElseThrow().at();
                throw HoldfastException.of(
                                SqlState.UNCATEGORIZED,
                                "table \"" + name + "\" cannot be read AS OF SYSTEM TIME " + instant + ": " + why)
                        .withHint(broken == null
                                ? "Restore it from an earlier backup."
                                : "Choose a time after that, or restore from an earlier backup with revision_history.");
            }
        }
    }
}
