package dev.holdfast.engine.storage;

import java.io.IOException;

/** Opens the places of one or more URI schemes. */
@FunctionalInterface
public interface StorageProvider {
    ExternalStorage open(StorageUri uri) throws IOException;

    /** Fails as {@link #open} would for a URI that no later try can make right. Touches no network. */
    default void check(StorageUri uri) {}

    /** The same URI with everything in it that depends on who gives it, such as the place of his own files. */
    default StorageUri bind(StorageUri uri, String user) {
        return uri;
    }
}
