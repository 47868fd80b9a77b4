package dev.holdfast.engine.storage;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;

/** A place where nothing is changed or removed, whoever asks, as if the service had locked every object. */
final class WriteOnceStorage extends StorageDecorator {
    WriteOnceStorage(ExternalStorage inner) {
        super(inner);
    }

    private static HoldfastException refused(String message) {
        return HoldfastException.of(SqlState.INSUFFICIENT_PRIVILEGE, message)
                .withDetail("The server was started with --external-io-write-once.");
    }

    /** Told before anything is written: the newest backup of such a place is what one object that is replaced says. */
    private void requireListing(String name) {
        if (!inner.canList()) {
            throw refused("cannot write " + describe(name) + " once and for all, since this storage cannot be listed");
        }
    }

    @Override
    public ObjectWriter write(String name) throws IOException {
        requireListing(name);
        return inner.write(name);
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) throws IOException {
        requireListing(name);
        return inner.putIfAbsent(name, content);
    }

    @Override
    public void delete(String name) {
        throw refused("cannot delete " + describe(name));
    }
}
