package dev.holdfast.engine.storage;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;

/**
 * A place for backups: objects under names with slashes, relative to the URI the place was opened with. Objects are written
 * once and never changed.
 *
 * <p>{@link IOException} means that the same call may succeed later; what cannot (a refused login, a bad name, a full disk)
 * is a {@link dev.holdfast.engine.error.HoldfastException}.
 */
public interface ExternalStorage extends AutoCloseable {
    /**
     * Names that begin with {@code prefix}, sorted. With a delimiter, names that contain it after the prefix are cut
     * behind it and listed once: a way to look into a directory without its subdirectories.
     */
    List<String> list(String prefix, String delimiter) throws IOException;

    /** All names that begin with {@code prefix}, sorted. */
    default List<String> list(String prefix) throws IOException {
        return list(prefix, "");
    }

    /** False for a place that cannot be listed (http): nothing in it can be found but by its name. */
    boolean canList();

    /** The object's size; empty when there is no such object. */
    OptionalLong size(String name) throws IOException;

    /** The bytes from {@code offset} on. */
    InputStream read(String name, long offset) throws IOException, ObjectNotFoundException;

    default InputStream read(String name) throws IOException, ObjectNotFoundException {
        return read(name, 0);
    }

    /** Begins a new object, which exists once it is committed. */
    ObjectWriter write(String name) throws IOException;

    /** Creates a small object; false when one of that name exists. Of several callers at once, one succeeds. */
    boolean putIfAbsent(String name, byte[] content) throws IOException;

    /** Removes the object; it is no error when there is none. */
    void delete(String name) throws IOException;

    /** The URI of an object as it may be shown: without secrets. */
    String describe(String name);

    /** What a writer ends with when there is an object of that name. */
    default HoldfastException alreadyExists(String name) {
        return HoldfastException.of(SqlState.DUPLICATE_FILE, describe(name) + " already exists");
    }

    @Override
    void close();
}
