package dev.holdfast.engine.storage.azure;

import dev.holdfast.engine.cloud.CloudEndpoints;
import dev.holdfast.engine.storage.CloudSettings;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.StorageProvider;
import dev.holdfast.engine.storage.StorageUri;
import java.io.IOException;
import java.util.Map;

/** {@code azure-blob://container/prefix}. The SDK is loaded by the first place that is opened. */
public final class AzureProvider implements StorageProvider {
    private final ExternalIoPolicy policy;
    private final CloudSettings settings;
    private final CloudEndpoints endpoints;
    private final Map<String, String> environment;

    public AzureProvider(ExternalIoPolicy policy, CloudSettings settings, CloudEndpoints endpoints, Map<String, String> environment) {
        this.policy = policy;
        this.settings = settings;
        this.endpoints = endpoints;
        this.environment = environment;
    }

    @Override
    public void check(StorageUri uri) {
        AzureLocation.of(uri, policy);
    }

    @Override
    public ExternalStorage open(StorageUri uri) throws IOException {
        return AzureStorage.open(AzureLocation.of(uri, policy), settings, endpoints, environment);
    }
}
