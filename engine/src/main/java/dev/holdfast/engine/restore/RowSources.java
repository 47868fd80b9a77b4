package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.collection.Chain;
import dev.holdfast.engine.collection.DatabaseDescriptor;
import dev.holdfast.engine.collection.Manifest;
import dev.holdfast.engine.collection.TableState;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.TableRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which layers the rows of a database come from: of every table the youngest complete set that leads to the wanted place, and
 * the changes from there.
 *
 * @param parts oldest layer first
 * @param notices what is not as it was at the instant
 */
record RowSources(List<Part> parts, List<String> notices) {
    /**
     * What one layer gives.
     *
     * @param bases complete sets, by the table's object id in the layer
     * @param changes of which tables, by OID
     * @param largeObjects whether the layer gives those
     */
    record Part(
            Chain.Link link, int database, Map<Integer, Base> bases, Map<Long, Changes> changes, boolean largeObjects) {}

    /** @param table its object id in the schema that is restored */
    record Base(int table, long rows, long dataSize) {}

    /**
     * @param undo whether the changes behind {@code place} are taken back, or those before it done
     * @param place empty: the layer's end
     */
    record Changes(int table, boolean undo, Optional<Lsn> place) {}

    /** {@code schema}: what is wanted of the database. */
    static RowSources of(RestorePoint point, DatabaseDescriptor database, DatabaseSchema schema) {
        var builders = new ArrayList<Part>();
        for (int i = 0; i < point.links().size(); i++) {
            var own = in(point, i, database);
            builders.add(new Part(
                    point.links().get(i),
                    own.map(DatabaseDescriptor::index).orElse(-1),
                    new HashMap<>(),
                    new HashMap<>(),
                    i == point.layerOf(database)));
        }
        var notices = new ArrayList<String>();
        for (var table : schema.tables()) {
            place(point, database, table, builders, notices);
        }
        return new RowSources(List.copyOf(builders), notices);
    }

    private static Optional<DatabaseDescriptor> in(RestorePoint point, int link, DatabaseDescriptor database) {
        return point.descriptors().get(link).stream().filter(d -> d.name().equals(database.name())).findFirst();
    }

    private static Optional<TableRows> table(DatabaseDescriptor descriptor, long oid) {
        return descriptor.schema().tables().stream().filter(t -> t.oid() == oid).findFirst();
    }

    private static void place(
            RestorePoint point, DatabaseDescriptor database, TableRows table, List<Part> parts, List<String> notices) {
        int last = point.links().size() - 1;
        if (point.within().isPresent()) {
            var within = point.within().get();
            var descriptor = in(point, last, database);
            var own = descriptor.flatMap(d -> table(d, table.oid()));
            if (own.isPresent()) {
                var state = descriptor.get().state(own.get().objectId());
                if (state.base()) {
                    if (state.captured()
                            && point.layerOf(database) == last
                            && state.lastBreak().map(b -> b.lsn().isBefore(within)).orElse(true)) {
                        base(parts.get(last), descriptor.get(), own.get(), table);
                        parts.get(last).changes().put(table.oid(), new Changes(table.objectId(), true, Optional.of(within)));
                        return;
                    }
                    boolean leadsOn = last > 0
                            && isCaptured(point, last - 1, database, table)
                            && state.firstBreak().map(b -> !b.lsn().isBefore(within)).orElse(false);
                    if (!leadsOn) {
                        whole(point, database, table, parts, state, notices);
                        return;
                    }
                }
            } else if (last == 0) {
                throw point.notCovered(database.name(), table.schema() + "." + table.name(), TableState.BASE);
            }
            parts.get(last).changes().put(table.oid(), new Changes(table.objectId(), false, Optional.of(within)));
            last--;
        }
        for (int i = last; i >= 0; i--) {
            var descriptor = in(point, i, database);
            var own = descriptor.flatMap(d -> table(d, table.oid()));
            if (own.isEmpty()) {
                throw point.notCovered(database.name(), table.schema() + "." + table.name(), TableState.BASE);
            }
            if (descriptor.get().state(own.get().objectId()).base()) {
                base(parts.get(i), descriptor.get(), own.get(), table);
                return;
            }
            parts.get(i).changes().put(table.oid(), new Changes(table.objectId(), false, Optional.empty()));
        }
        throw point.notCovered(database.name(), table.schema() + "." + table.name(), TableState.BASE);
    }

    private static boolean isCaptured(RestorePoint point, int link, DatabaseDescriptor database, TableRows table) {
        var descriptor = in(point, link, database);
        return descriptor
                .flatMap(d -> table(d, table.oid()))
                .map(own -> descriptor.get().state(own.objectId()).captured())
                .orElse(false);
    }

    /** The changes of such a table are in no layer: the rows that it had at the end of one are all there is. */
    private static void whole(
            RestorePoint point,
            DatabaseDescriptor database,
            TableRows table,
            List<Part> parts,
            TableState last,
            List<String> notices) {
        int layer = point.layerOf(database);
        if (isCaptured(point, layer, database, table)) {
            throw point.notCovered(database.name(), table.schema() + "." + table.name(), last);
        }
        var there = in(point, layer, database).orElseThrow();
        base(parts.get(layer), there, table(there, table.oid()).orElseThrow(), table);
        notices.add("table \"" + table.schema() + "." + table.name() + "\" has no history: its rows are those of "
                + parts.get(layer).link().manifest().endTime());
    }

    private static void base(Part part, DatabaseDescriptor descriptor, TableRows own, TableRows table) {
        var counts = descriptor.counts().getOrDefault(own.objectId(), Manifest.EntryCounts.NONE);
        part.bases().put(own.objectId(), new Base(table.objectId(), counts.rows(), counts.dataSize()));
    }

    /** By object id of the restored schema. */
    Map<Integer, Long> expectedRows() {
        var expected = new HashMap<Integer, Long>();
        for (var part : parts) {
            part.bases().values().forEach(base -> expected.put(base.table(), base.rows()));
        }
        return expected;
    }

    long dataSize() {
        return parts.stream().flatMap(part -> part.bases().values().stream()).mapToLong(Base::dataSize).sum();
    }

    boolean hasChanges() {
        return parts.stream().anyMatch(part -> !part.changes().isEmpty());
    }
}
