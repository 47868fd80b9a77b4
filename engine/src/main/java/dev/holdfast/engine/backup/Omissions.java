package dev.holdfast.engine.backup;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.span.LineBag;
import dev.holdfast.engine.history.span.RowFilter;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.schema.TableRows;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Rows that the snapshot sees and the backup is not to hold, of one database. Few rows of a large table with a key are left out by
 * the server, which is told their places; others are taken out of what it sends, which has to be text then.
 *
 * @param filters by OID of the table
 * @param places likewise
 */
record Omissions(Map<Long, RowFilter> filters, Map<Long, RowPlaces> places) {
    private static final Omissions NONE = new Omissions(Map.of(), Map.of());
    /** A smaller table is read sooner than a row is looked for. */
    private static final long LEAST_BLOCKS = 128;

    /** Where more rows have to be looked for, this would take too much of the time that reading the table takes. */
    private static final long BLOCKS_PER_ROW = 8;

    private static final long MOST_BYTES = 4 << 20;
    /** Of one backup. */
    private static final long MOST_PLACES = 1_000_000;

    /**
     * @param wanted tables of which all rows are to be read
     * @param others of the same backup
     */
    static Omissions of(LayerState state, Predicate<TableRows> wanted, List<Omissions> others, JobContext context)
            throws SQLException, IOException, InterruptedException {
        if (state.difference().isEmpty()) {
            return NONE;
        }
        var omissions = new Omissions(new HashMap<>(), new HashMap<>());
        long left = MOST_PLACES - others.stream().mapToLong(Omissions::placeCount).sum();
        Connection reader = null;
        try {
            for (var table : state.export().schema().tables()) {
                var skipped = state.difference().get().skipped(table.oid());
                if (skipped.isEmpty() || !wanted.test(table)) {
                    continue;
                }
                Optional<RowPlaces> places = Optional.empty();
                var locator = new RowLocator(state.export(), table);
                if (locator.isPossible()
                        && isWorthwhile(state.export(), table, skipped.get())
                        && omissions.placeCount() + skipped.get().rows() <= left) {
                    reader = reader == null ? state.export().openReader(context) : reader;
                    places = locator.locate(reader, skipped.get(), readingTime(state.export(), table));
                }
                if (places.isPresent()) {
                    omissions.places.put(table.oid(), places.get());
                } else {
                    omissions.filters.put(table.oid(), new RowFilter(skipped.get()));
                }
            }
            return omissions;
        } finally {
            if (reader != null) {
                reader.close();
            }
        }
    }

    private static boolean isWorthwhile(DatabaseExport export, TableRows table, LineBag skipped) {
        long blocks = export.relation(table).blocks();
        return table.binarySafe() && blocks > LEAST_BLOCKS && skipped.rows() <= blocks / BLOCKS_PER_ROW && skipped.bytes() <= MOST_BYTES;
    }

    /** About, of all its rows. */
    private static Duration readingTime(DatabaseExport export, TableRows table) {
        return Duration.ofMillis(1000 + export.relation(table).blocks() / 20);
    }

    private long placeCount() {
        return places.values().stream().mapToLong(RowPlaces::size).sum();
    }

    /** After the export. */
    void requireComplete(TableRows table) {
        var filter = filters.get(table.oid());
        if (filter != null && filter.missing() != 0) {
            throw HoldfastException.of(
                    SqlState.DATA_CORRUPTED,
                    "table \"" + table.schema() + "." + table.name() + "\" lacks " + filter.missing()
                            + " rows that its history has put there");
        }
    }
}
