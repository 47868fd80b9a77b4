package dev.holdfast.engine.storage;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Tries a place out: writes an object, lists it, reads it back. It stays there, since deleting may be forbidden. */
public final class StorageProbe {
    private static final String NAME = "crdb_external_storage_location";
    private static final byte[] CONTENT = "holdfast".getBytes(StandardCharsets.UTF_8);

    private StorageProbe() {}

    public static void run(ExternalStorage storage) throws IOException {
        storage.putIfAbsent(NAME, CONTENT);
        if (storage.canList() && !storage.list(NAME).contains(NAME)) {
            throw HoldfastException.of(
                    SqlState.UNCATEGORIZED, storage.describe(NAME) + " was written, and is not listed afterwards");
        }
        // An object that another program has left is fine too: it could be read.
        try (var in = storage.read(NAME)) {
            in.readAllBytes();
        }
    }
}
