package dev.holdfast.engine.restore;

import dev.holdfast.engine.collection.Damage;
import dev.holdfast.engine.schema.TableRows;
import java.util.Collection;
import java.util.Map;

/** The last check before anything becomes visible. */
final class RowCounts {
    private RowCounts() {}

    /** Of every table as many rows were loaded as the backup says. */
    static void check(String backup, RowSources sources, Collection<TableRows> tables, Map<Integer, Long> loaded) {
        var allExpected = sources.expectedRows();
        for (var table : tables) {
            long expected = allExpected.getOrDefault(table.objectId(), 0L);
            long actual = loaded.getOrDefault(table.objectId(), 0L);
            if (expected != actual) {
                throw Damage.of(
                        backup,
                        "table \"" + table.schema() + "." + table.name() + "\" has files with " + actual + " rows instead of "
                                + expected);
            }
        }
    }
}
