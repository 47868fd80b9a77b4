package dev.holdfast.engine.storage.s3;

import dev.holdfast.engine.storage.CloudSettings;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.StorageProvider;
import dev.holdfast.engine.storage.StorageUri;
import java.io.IOException;

/** {@code s3://bucket/prefix}. The SDK is loaded by the first place that is opened. */
public final class S3Provider implements StorageProvider {
    private final ExternalIoPolicy policy;
    private final CloudSettings settings;

    public S3Provider(ExternalIoPolicy policy, CloudSettings settings) {
        this.policy = policy;
        this.settings = settings;
    }

    @Override
    public void check(StorageUri uri) {
        S3Location.of(uri, policy);
    }

    @Override
    public ExternalStorage open(StorageUri uri) throws IOException {
        return S3Storage.open(S3Location.of(uri, policy), settings);
    }
}
