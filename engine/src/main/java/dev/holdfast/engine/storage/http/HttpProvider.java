package dev.holdfast.engine.storage.http;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.CloudSettings;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.StorageProvider;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.UriParameters;
import java.io.IOException;
import java.util.Map;

/** {@code http(s)://[user:password@]host/path}: a server that understands PUT, GET, HEAD and DELETE. */
public final class HttpProvider implements StorageProvider {
    private final ExternalIoPolicy policy;
    private final CloudSettings settings;
    private final Map<String, String> environment;

    public HttpProvider(ExternalIoPolicy policy, CloudSettings settings, Map<String, String> environment) {
        this.policy = policy;
        this.settings = settings;
        this.environment = environment;
    }

    @Override
    public void check(StorageUri uri) {
        policy.requireHttp();
        if (uri.host().isEmpty()) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "invalid storage URI: empty host in " + uri);
        }
        new UriParameters(uri).refuseOthers("HTTP");
    }

    @Override
    public ExternalStorage open(StorageUri uri) throws IOException {
        check(uri);
        return new HttpStorage(uri, new HttpTransport(settings.customAuthorities(), settings.timeout(), environment));
    }
}
