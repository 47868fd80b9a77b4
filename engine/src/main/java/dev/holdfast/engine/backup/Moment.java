package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.collection.StreamPosition;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.Captured;
import dev.holdfast.engine.history.History;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.schema.TableRows;
import dev.holdfast.engine.system.SystemDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The moment whose state a backup holds: the databases held still by snapshots, the cut, and what lies between the two.
 *
 * @param endTime the moment by the upstream's clock
 * @param cut by its log; empty when no history is kept, and the snapshots themselves are what is backed up
 * @param again whether an earlier attempt has begun with this moment
 */
record Moment(List<LayerState> databases, Instant endTime, Optional<Lsn> cut, boolean past, boolean again) implements AutoCloseable {
    private static final int ATTEMPTS = 10;

    /**
     * @param asOf what the user wants
     * @param endTime of an attempt before this one
     * @param cut likewise
     * @param historyNeeded whether there has to be a cut even for now
     */
    record Wanted(Optional<Instant> asOf, Optional<Instant> endTime, Optional<Lsn> cut, boolean historyNeeded) {
        boolean past() {
            return asOf.isPresent() || cut.isPresent();
        }

        boolean again() {
            return endTime.isPresent();
        }
    }

    static Moment take(
            List<BackupSelection.Selected> selected, Wanted wanted, History history, Path spillDirectory, JobContext context)
            throws SQLException, IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            var captured = captured(selected, wanted, history);
            var exports = new ArrayList<DatabaseExport>();
            boolean kept = false;
            try {
                var moment = attempt(selected, captured, wanted, history, spillDirectory, exports, attempt == ATTEMPTS, context);
                if (moment.isPresent()) {
                    kept = true;
                    return moment.get();
                }
            } finally {
                if (!kept) {
                    for (var export : exports) {
                        export.close();
                    }
                }
            }
            if (attempt == ATTEMPTS) {
                throw HoldfastException.of(SqlState.LOCK_NOT_AVAILABLE, "the schemas of the databases kept changing while they were read")
                        .withHint("Try again when fewer tables are being created and dropped.");
            }
            Thread.sleep(50L * attempt);
        }
    }

    /** Before the snapshots are taken: what has to be waited for must not be waited for under them. */
    private static Map<String, Captured> captured(List<BackupSelection.Selected> selected, Wanted wanted, History history)
            throws SQLException {
        var captured = new LinkedHashMap<String, Captured>();
        for (var database : selected) {
            if (!database.database().equals(SystemDatabase.NAME)) {
                if (wanted.past() || wanted.historyNeeded()) {
                    captured.put(database.database(), history.require(database.database()));
                } else {
                    history.ifAny(database.database()).ifPresent(c -> captured.put(database.database(), c));
                }
            }
        }
        return captured;
    }

    /** Empty: younger snapshots are needed. */
    private static Optional<Moment> attempt(
            List<BackupSelection.Selected> selected,
            Map<String, Captured> captured,
            Wanted wanted,
            History history,
            Path spillDirectory,
            List<DatabaseExport> exports,
            boolean last,
            JobContext context)
            throws SQLException, IOException, InterruptedException {
        var views = new LinkedHashMap<DatabaseExport, StreamView>();
        for (var database : selected) {
            var own = captured.get(database.database());
            Lsn before = null;
            Optional<History.Mark> mark = Optional.empty();
            if (own != null) {
                try (var connection = context.connect(database.database())) {
                    before = history.before(own, connection);
                    // Whoever asks for the past needs more of the stream anyway.
                    mark = wanted.past() ? Optional.empty() : Optional.of(history.mark(own, connection));
                }
            }
            var export = DatabaseExport.begin(database.database(), database.roots(), context);
            exports.add(export);
            if (own != null) {
                views.put(export, new StreamView(export, own, before, mark, history, spillDirectory, context));
            }
        }
        if (exports.isEmpty()) {
            return Optional.of(new Moment(List.of(), Instant.EPOCH, Optional.empty(), false, false));
        }
        // The last snapshot is the youngest: at this moment all of them show what is committed.
        var now = exports.getLast().now();
        if (wanted.asOf().isPresent() && wanted.asOf().get().isAfter(now.time())) {
            throw HoldfastException.of(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "AS OF SYSTEM TIME: cannot specify timestamp in the future (" + wanted.asOf().get() + " > " + now.time() + ")");
        }
        for (var view : views.values()) {
            view.setBarrier();
            // It may have been disturbed since it was looked at: what was committed before the barrier has to be in it.
            if (!history.isKept(view.captured())) {
                return Optional.empty();
            }
        }
        var endTime = wanted.endTime().orElse(wanted.asOf().orElse(now.time()));
        if (views.isEmpty()) {
            return states(exports, views, Optional.empty(), Map.of(), endTime, wanted);
        }
        var vicinities = new LinkedHashMap<StreamView, Vicinity>();
        try {
            var cut = cut(views.values(), wanted, now, last, vicinities);
            return cut.isEmpty() ? Optional.empty() : states(exports, views, cut, vicinities, endTime, wanted);
        } finally {
            for (var vicinity : vicinities.values()) {
                vicinity.close();
            }
        }
    }

    /** {@code vicinities}: gets what was read of the streams in search of it. */
    private static Optional<Lsn> cut(
            Collection<StreamView> views,
            Wanted wanted,
            DatabaseExport.Now now,
            boolean last,
            Map<StreamView, Vicinity> vicinities)
            throws SQLException, IOException, InterruptedException {
        if (wanted.cut().isPresent()) {
            requireReaching(views, wanted.cut().get());
            return wanted.cut();
        }
        if (wanted.asOf().isPresent()) {
            return Optional.of(CutSearch.at(wanted.asOf().get(), views, vicinities));
        }
        for (var view : views) {
            var vicinity = Vicinity.now(view, now.time(), now.lsn());
            vicinities.put(view, vicinity);
            vicinity.spill();
        }
        return CutSearch.now(vicinities.values(), last);
    }

    /** What happened before a history began cannot be undone. */
    private static void requireReaching(Collection<StreamView> views, Lsn cut) {
        for (var view : views) {
            if (cut.isBefore(view.captured().first())) {
                throw HoldfastException.of(
                                SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                                "the backup cannot go on: the history of database \"" + view.captured().database()
                                        + "\" has begun anew since the backup began")
                        .withHint("Take another backup. SHOW HISTORY tells why the history has begun anew.");
            }
        }
    }

    private static Optional<Moment> states(
            List<DatabaseExport> exports,
            Map<DatabaseExport, StreamView> views,
            Optional<Lsn> cut,
            Map<StreamView, Vicinity> vicinities,
            Instant endTime,
            Wanted wanted)
            throws SQLException, IOException, InterruptedException {
        var states = new ArrayList<LayerState>();
        boolean kept = false;
        try {
            for (var export : exports) {
                var view = views.get(export);
                if (view == null) {
                    states.add(new LayerState(export, Optional.empty(), Optional.empty(), Optional.empty()));
                    continue;
                }
                var difference = difference(view, cut.orElseThrow(), Optional.ofNullable(vicinities.get(view)), endTime, wanted);
                states.add(new LayerState(export, Optional.of(view), Optional.of(difference), Optional.empty()));
                if (!wanted.past() && export.schema().tables().stream().anyMatch(t -> difference.broken().containsKey(t.oid()))) {
                    return Optional.empty();
                }
            }
            kept = true;
            return Optional.of(new Moment(states, endTime, cut, wanted.past(), wanted.again()));
        } finally {
            if (!kept) {
                for (var state : states) {
                    state.close();
                }
            }
        }
    }

    /** For the schema of the cut, which mostly is that of the snapshot. */
    private static Difference difference(
            StreamView view, Lsn cut, Optional<Vicinity> vicinity, Instant endTime, Wanted wanted)
            throws SQLException, IOException, InterruptedException {
        var difference = vicinity.isPresent()
                ? vicinity.get().difference(cut)
                : Difference.between(view, cut, view.export().whole());
        if (!wanted.past()) {
            return difference;
        }
        try {
            if (difference.failure().isPresent()) {
                throw CutSearch.unreliable(view, difference.failure().get());
            }
            var schema = CutSearch.schemaAt(view, cut, endTime, difference.start(), difference.definitionChanges());
            if (schema.isEmpty()) {
                return difference;
            }
            var whole = view.export().whole();
            view.export().select(schema.get().withPositionsOf(whole).withLargeObjectsOf(whole));
            difference.close();
            return Difference.between(view, cut, schema.get());
        } catch (SQLException | IOException | InterruptedException | RuntimeException e) {
            difference.close();
            throw e;
        }
    }

    /** Refuses a moment in the past at which the rows of a wanted table cannot be worked out. */
    void requireReadable() throws SQLException {
        for (var state : databases) {
            requireReadable(state, table -> true);
        }
    }

    void requireReadable(LayerState state, Predicate<TableRows> wanted) throws SQLException {
        if (past && state.view().isPresent()) {
            if (!again) {
                CutSearch.requireWithinRetention(state.view().get(), wanted, endTime);
            }
            CutSearch.requireUnbroken(state.view().get(), state.difference().orElseThrow(), wanted, endTime);
        }
    }

    /** From when on every instant can be restored; empty when one of the streams does not lead on. */
    Optional<Instant> revisionStart(Optional<Instant> previousEnd) {
        Instant start = previousEnd.orElse(Instant.MIN);
        for (var state : databases) {
            if (state.view().isEmpty()) {
                continue;
            }
            if (state.changes().isEmpty() || !state.changes().get().isSameStream()) {
                return Optional.empty();
            }
            if (previousEnd.isEmpty()) {
                var oldest = state.view().get().anchors().stream().findFirst();
                if (oldest.isEmpty()) {
                    return Optional.empty();
                }
                start = later(start, oldest.get().at());
                start = later(
                        start,
                        state.changes().get().lastDefinition().map(StreamPosition.Moment::at).orElse(Instant.MIN));
            }
        }
        return start.equals(Instant.MIN) ? Optional.empty() : Optional.of(start.isAfter(endTime) ? endTime : start);
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    @Override
    public void close() throws IOException, SQLException {
        for (var state : databases) {
            state.close();
            state.export().close();
        }
    }
}
