package dev.holdfast.engine.storage.gs;

import dev.holdfast.engine.cloud.CloudEndpoints;
import dev.holdfast.engine.cloud.google.GoogleAccess;
import dev.holdfast.engine.cloud.google.GoogleTokens;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.CloudSettings;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.StorageProvider;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.UriParameters;
import dev.holdfast.engine.storage.http.HttpTransport;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** {@code gs://bucket/prefix}. */
public final class GsProvider implements StorageProvider {
    private final ExternalIoPolicy policy;
    private final CloudSettings settings;
    private final CloudEndpoints endpoints;
    private final Map<String, String> environment;

    public GsProvider(ExternalIoPolicy policy, CloudSettings settings, CloudEndpoints endpoints, Map<String, String> environment) {
        this.policy = policy;
        this.settings = settings;
        this.endpoints = endpoints;
        this.environment = environment;
    }

    private record Parsed(GoogleAccess access, Optional<String> billingProject) {}

    private Parsed parse(StorageUri uri) {
        if (uri.host().isEmpty()) {
            throw HoldfastException.of(
                    SqlState.INVALID_PARAMETER_VALUE, "empty host component; gs URI must specify a target bucket");
        }
        var parameters = new UriParameters(uri);
        var access = GoogleAccess.take(parameters, policy, "gs");
        var project = parameters.take("GOOGLE_BILLING_PROJECT");
        parameters.refuseOthers("GS");
        return new Parsed(access, project);
    }

    @Override
    public void check(StorageUri uri) {
        parse(uri);
    }

    @Override
    public ExternalStorage open(StorageUri uri) throws IOException {
        var parsed = parse(uri);
        var defaultKey = settings.googleDefaultKey();
        parsed.access().requireCredentials(defaultKey, policy, "gs");
        var transport = new HttpTransport(settings.customAuthorities(), settings.timeout(), environment);
        var tokens = new GoogleTokens(parsed.access(), defaultKey, endpoints.googleIam(), transport, environment, Clock.systemUTC());
        return new GsStorage(uri, endpoints.googleStorage(), parsed.billingProject(), transport, tokens);
    }
}
