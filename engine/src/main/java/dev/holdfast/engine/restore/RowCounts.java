package dev.holdfast.engine.restore;

import dev.holdfast.engine.collection.Damage;
import dev.holdfast.engine.collection.DatabaseDescriptor;
import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.collection.Manifest;
import dev.holdfast.engine.schema.TableRows;
import java.util.Collection;
import java.util.Map;

/** The last check before anything becomes visible. */
final class RowCounts {
    private RowCounts() {}

    /** Every table has as many rows as the backup says. */
    static void check(Layer layer, DatabaseDescriptor descriptor, Collection<TableRows> tables, Map<Integer, Long> loaded) {
        for (var table : tables) {
            long expected = descriptor.counts()
                    .getOrDefault(table.objectId(), Manifest.EntryCounts.NONE)
                    .rows();
            long actual = loaded.getOrDefault(table.objectId(), 0L);
            if (expected != actual) {
                throw Damage.of(
                        layer.uri(),
                        "table \"" + table.schema() + "." + table.name() + "\" has files with " + actual + " rows instead of "
                                + expected);
            }
        }
    }
}
