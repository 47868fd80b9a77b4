package dev.holdfast.engine.storage;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/** All kinds of storage this process knows. */
public final class Storages {
    private static final String EXTERNAL = "external";

    private final Map<StorageKind, StorageProvider> providers;
    private final ExternalIoPolicy policy;
    private final StorageLimits limits;
    private final ConnectionLookup connections;
    private final Map<StorageKind, RateLimit> reading = new EnumMap<>(StorageKind.class);
    private final Map<StorageKind, RateLimit> writing = new EnumMap<>(StorageKind.class);

    /** Rates in bytes per second; 0 is none. */
    public interface StorageLimits {
        StorageLimits NONE = (kind, reading) -> new Rate(0, 0);

        record Rate(long bytesPerSecond, long burst) {}

        Rate rate(StorageKind kind, boolean reading) throws IOException;
    }

    /** What the names behind external:// stand for. */
    @FunctionalInterface
    public interface ConnectionLookup {
        StorageUri uri(String name) throws IOException;
    }

    public Storages(
            Map<StorageKind, StorageProvider> providers, ExternalIoPolicy policy, StorageLimits limits, ConnectionLookup connections) {
        this.providers = new EnumMap<>(providers);
        this.policy = policy;
        this.limits = limits;
        this.connections = connections;
        for (var kind : StorageKind.values()) {
            reading.put(kind, new RateLimit());
            writing.put(kind, new RateLimit());
        }
    }

    public ExternalStorage open(StorageUri given) throws IOException {
        var uri = resolve(given);
        var kind = kind(uri);
        var redactor = uri.redactor();
        try {
            var storage = providers.get(kind).open(uri);
            storage = kind.isRemote() ? new RetryingStorage(storage, new Retry(new Random())) : storage;
            storage = policy.writeOnce() ? new WriteOnceStorage(storage) : storage;
            var limit = limits(kind);
            storage = limit.isLimited() ? new ThrottledStorage(storage, limit) : storage;
            return new RedactingStorage(storage, redactor);
        } catch (HoldfastException e) {
            throw redactor.clean(e);
        } catch (IOException e) {
            throw redactor.clean(e);
        }
    }

    private ThrottledStorage.Limits limits(StorageKind kind) throws IOException {
        var read = limits.rate(kind, true);
        var write = limits.rate(kind, false);
        return new ThrottledStorage.Limits(
                reading.get(kind), read.bytesPerSecond(), read.burst(), writing.get(kind), write.bytesPerSecond(), write.burst());
    }

    /** Fails as {@link #open} would for a URI that no later try can make right, without touching the place. */
    public void check(StorageUri given) throws IOException {
        var uri = resolve(given);
        try {
            providers.get(kind(uri)).check(uri);
        } catch (HoldfastException e) {
            throw uri.redactor().clean(e);
        }
    }

    /** What the user means by the URI: his own files where it leaves open whose. */
    public StorageUri bind(String text, String user) {
        var uri = StorageUri.parse(text);
        return uri.scheme().equals(EXTERNAL) ? uri : providers.get(kind(uri)).bind(uri, user);
    }

    private StorageUri resolve(StorageUri uri) throws IOException {
        if (!uri.scheme().equals(EXTERNAL)) {
            return uri;
        }
        if (uri.host().isEmpty()) {
            throw HoldfastException.of(
                    SqlState.UNCATEGORIZED,
                    "host component of an external URI must refer to an existing External Connection object: " + uri);
        }
        new UriParameters(uri).refuseOthers("external connection");
        var target = connections.uri(uri.host());
        return uri.path().isEmpty() || uri.path().equals("/") ? target : target.resolve(uri.path());
    }

    private StorageKind kind(StorageUri uri) {
        return StorageKind.ofScheme(uri.scheme())
                .filter(providers::containsKey)
                .orElseThrow(() -> HoldfastException.of(
                        SqlState.UNCATEGORIZED,
                        "unsupported storage scheme: \"" + uri.scheme() + "\" - refer to docs to find supported storage schemes"));
    }
}
