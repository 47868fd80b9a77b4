package dev.holdfast.engine.storage;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.util.Map;

/** All schemes this process knows. */
public final class Storages {
    private final Map<String, StorageProvider> providers;

    public Storages(Map<String, StorageProvider> providers) {
        this.providers = Map.copyOf(providers);
    }

    public ExternalStorage open(StorageUri uri) throws IOException {
        return provider(uri).open(uri);
    }

    /** Fails as {@link #open} would for a URI that no later try can make right, without touching the place. */
    public void check(StorageUri uri) {
        provider(uri);
    }

    private StorageProvider provider(StorageUri uri) {
        var provider = providers.get(uri.scheme());
        if (provider == null) {
            throw HoldfastException.of(
                    SqlState.UNCATEGORIZED,
                    "unsupported storage scheme: \"" + uri.scheme() + "\" - refer to docs to find supported storage schemes");
        }
        return provider;
    }
}
