package dev.holdfast.engine.collection;

/**
 * Row data of one table, or a piece of it: a zstd frame that holds a COPY stream. Several entries may share one object.
 *
 * @param path of the object, relative to the layer
 * @param database index of the database among the manifest's
 * @param table the object id of the table in its database's schema; -1 for what is not about one table
 * @param size bytes in the object, from {@code offset} on
 * @param dataSize bytes of the COPY stream
 */
public record FileEntry(
        String path,
        long offset,
        long size,
        String sha256,
        int database,
        int table,
        Content content,
        Format format,
        long rows,
        long dataSize) {

    public enum Content {
        ROWS,
        /** Pages of large objects, as (loid, pageno, data). */
        LARGE_OBJECTS,
        /** Row images of all tables of a database that began or ended in the layer's span. */
        CHANGES,
        /** When the transactions of the layer's span were committed. */
        TIMELINE
    }

    /** Of COPY. */
    public enum Format {
        BINARY,
        TEXT
    }
}
