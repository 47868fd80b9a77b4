package dev.holdfast.engine.schema;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A relation whose rows are exported: an ordinary table or a leaf partition, or a configuration table of an extension.
 *
 * @param objectId the {@link SchemaObject} that creates it: the table, or the extension
 * @param accessMethod {@code heap}, or what an extension brought
 * @param condition a WHERE clause, keyword included, that selects the rows of a configuration table which are not the
 *     extension's own; else null
 * @param extensionTable whether CREATE EXTENSION makes the table with its foreign keys. Such tables stand at the end of the
 *     list, referenced ones first, and are loaded in that order
 * @param binarySafe whether COPY ... (FORMAT binary) gives what a server with other OIDs reads back as the same values; else
 *     the text format has to be used
 * @param key numbers of columns that tell its rows apart: of the primary key, or of a unique index over columns that are not
 *     null; empty if there is none
 * @param fullIdentity whether its changes are logged with the whole old row
 */
public record TableRows(
        int objectId,
        long oid,
        String schema,
        String name,
        boolean unlogged,
        String accessMethod,
        String condition,
        boolean extensionTable,
        List<ColumnData> columns,
        boolean binarySafe,
        List<Integer> key,
        boolean fullIdentity) {
    /** Where in {@link #columns} the key is; empty if there is none, or if a column of it is not exported. */
    public List<Integer> keyIndexes() {
        var indexes = IntStream.range(0, columns.size()).filter(i -> key.contains(columns.get(i).number())).boxed().toList();
        return indexes.size() == key.size() ? indexes : List.of();
    }
}
