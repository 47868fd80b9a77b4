package dev.holdfast.engine.backup;

import dev.holdfast.engine.backup.ChangeExport.Outcome;
import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.collection.StreamPosition;
import dev.holdfast.engine.collection.TableState;
import dev.holdfast.engine.schema.TableRows;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One database of the layer that is being written: what is read of it, and how.
 *
 * @param view empty when its history is not kept
 * @param difference between what the snapshot sees and the cut; there if the view is
 * @param changes that were written; empty when none were asked for, or none can lead on from the layer before
 */
record LayerState(DatabaseExport export, Optional<StreamView> view, Optional<Difference> difference, Optional<Outcome> changes)
        implements AutoCloseable {
    LayerState with(Outcome outcome) {
        return new LayerState(export, view, difference, Optional.of(outcome));
    }

    /** Whether all rows of the table have to be read. */
    boolean needsBase(TableRows table, boolean increment) {
        return !increment || changes.isEmpty() || !changes.get().isSameStream() || !changes.get().continues(table);
    }

    Map<Integer, TableState> states(boolean increment, Optional<Lsn> cut, Instant endTime) {
        var states = new HashMap<Integer, TableState>();
        for (var table : export.schema().tables()) {
            states.put(table.objectId(), state(table, needsBase(table, increment), cut.orElse(Lsn.ZERO), endTime));
        }
        return states;
    }

    private TableState state(TableRows table, boolean base, Lsn cut, Instant endTime) {
        boolean captured = view.isPresent() && table.fullIdentity();
        var outcome = changes.filter(Outcome::isSameStream);
        if (outcome.isEmpty()) {
            return new TableState(base, captured, Optional.empty(), Optional.empty());
        }
        var tracked = outcome.get().tables().get(table.oid());
        if (tracked == null || !tracked.isBroken() && !outcome.get().continues(table)) {
            // It is not what the stream has told: nobody knows since when.
            return new TableState(
                    base,
                    captured,
                    Optional.of(new StreamPosition.Moment(Lsn.ZERO, Instant.EPOCH)),
                    Optional.of(new StreamPosition.Moment(cut, endTime)));
        }
        return new TableState(base, captured, tracked.firstBreak(), tracked.lastBreak());
    }

    Optional<StreamPosition> position(Lsn cut) {
        return view.map(v -> new StreamPosition(
                v.captured().generation(),
                difference.orElseThrow().resume(),
                v.barrier(),
                v.barrierId(),
                changes.flatMap(Outcome::firstDefinition),
                changes.flatMap(Outcome::lastDefinition)));
    }

    @Override
    public void close() throws IOException {
        if (difference.isPresent()) {
            difference.get().close();
        }
    }
}
