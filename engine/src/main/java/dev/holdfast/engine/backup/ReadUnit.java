package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.collection.FileEntry;
import dev.holdfast.engine.history.span.RowFilter;
import dev.holdfast.engine.schema.ColumnData;
import dev.holdfast.engine.schema.TableRows;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A piece of work for one connection: a table, a pass over it, a range of its blocks, or the large objects.
 *
 * @param fromBlock first block, where {@code toBlock} is not {@link #OPEN} or this is not 0
 * @param toBlock the block behind the last one; the last piece of a table is open, because the table may have grown
 * @param blocks about how much there is to read
 * @param omitted places of rows that the server is to leave out
 * @param filter takes rows out of what the server sends; null when there are none
 * @param part of the filter, to which this pass over the table belongs
 */
record ReadUnit(
        DatabaseExport database,
        int databaseIndex,
        TableRows table,
        long fromBlock,
        long toBlock,
        long blocks,
        RowPlaces omitted,
        RowFilter filter,
        int part) {
    static final long OPEN = -1;

    /**
     * @param wanted the tables of which all rows are to be read
     * @param targetBytes about how much one file should hold before compression
     */
    static List<ReadUnit> plan(
            DatabaseExport database, int databaseIndex, Predicate<TableRows> wanted, Omissions omissions, long targetBytes) {
        var units = new ArrayList<ReadUnit>();
        long blocksPerUnit = Math.max(1, targetBytes / 8192);
        for (var table : database.schema().tables()) {
            if (!wanted.test(table)) {
                continue;
            }
            var filter = omissions.filters().get(table.oid());
            var omitted = omissions.places().getOrDefault(table.oid(), RowPlaces.NONE);
            int parts = filter == null ? 1 : filter.parts();
            long blocks = database.relation(table).blocks();
            // Other access methods have no blocks that could be read in ranges; nor has a condition a size.
            boolean divisible = table.accessMethod().equals("heap") && table.condition() == null && blocks > blocksPerUnit;
            long count = divisible ? (blocks + blocksPerUnit - 1) / blocksPerUnit : 1;
            if (filter != null) {
                filter.expect((int) count);
            }
            for (int part = 0; part < parts; part++) {
                for (long i = 0; i < count; i++) {
                    long from = blocks * i / count;
                    long to = i == count - 1 ? OPEN : blocks * (i + 1) / count;
                    units.add(new ReadUnit(
                            database,
                            databaseIndex,
                            table,
                            from,
                            to,
                            (to == OPEN ? blocks : to) - from,
                            omitted.between(from, to == OPEN ? RowPlaces.END : to),
                            filter,
                            part));
                }
            }
        }
        if (!database.schema().largeObjects().isEmpty()) {
            units.add(new ReadUnit(database, databaseIndex, null, 0, OPEN, blocksPerUnit, RowPlaces.NONE, null, 0));
        }
        return units;
    }

    boolean isLargeObjects() {
        return table == null;
    }

    FileEntry.Content content() {
        return isLargeObjects() ? FileEntry.Content.LARGE_OBJECTS : FileEntry.Content.ROWS;
    }

    FileEntry.Format format() {
        return isLargeObjects() || table.binarySafe() && filter == null ? FileEntry.Format.BINARY : FileEntry.Format.TEXT;
    }

    DataObject.Subject subject() {
        return new DataObject.Subject(databaseIndex, isLargeObjects() ? DataObject.NO_TABLE : table.objectId(), content(), format());
    }

    String copyStatement() {
        var format = format() == FileEntry.Format.BINARY ? "binary" : "text";
        if (isLargeObjects()) {
            return "copy (select loid, pageno, data from pg_catalog.pg_largeobject order by loid, pageno) to stdout (format " + format
                    + ")";
        }
        return "copy (select " + columns() + " from only " + database.nameOf(table) + where() + ") to stdout (format " + format + ")";
    }

    private String columns() {
        return table.columns().stream().map(ColumnData::name).map(Sql::identifier).collect(Collectors.joining(", "));
    }

    private String where() {
        if (table.condition() != null) {
            return " " + table.condition();
        }
        var conditions = new ArrayList<String>();
        if (fromBlock > 0) {
            conditions.add("ctid >= '(" + fromBlock + ",0)'::pg_catalog.tid");
        }
        if (toBlock != OPEN) {
            conditions.add("ctid < '(" + toBlock + ",0)'::pg_catalog.tid");
        }
        if (omitted.size() > 0) {
            conditions.add("ctid <> all ('" + omitted + "'::pg_catalog.tid[])");
        }
        return conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
    }
}
