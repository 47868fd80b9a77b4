package dev.holdfast.engine.storage;

import java.io.IOException;

/** Opens the places of one or more URI schemes. */
@FunctionalInterface
public interface StorageProvider {
    ExternalStorage open(StorageUri uri) throws IOException;
}
