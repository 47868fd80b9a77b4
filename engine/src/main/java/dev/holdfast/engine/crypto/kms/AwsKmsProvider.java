package dev.holdfast.engine.crypto.kms;

import dev.holdfast.engine.cloud.aws.AwsAccess;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.CloudSettings;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.UriParameters;
import java.io.IOException;

/** {@code aws-kms:///<key id, alias or ARN>?REGION=...}. The SDK is loaded by the first key that is used. */
public final class AwsKmsProvider implements KmsProvider {
    private final ExternalIoPolicy policy;
    private final CloudSettings settings;

    public AwsKmsProvider(ExternalIoPolicy policy, CloudSettings settings) {
        this.policy = policy;
        this.settings = settings;
    }

    private AwsAccess access(StorageUri uri) {
        var parameters = new UriParameters(uri);
        var access = AwsAccess.take(parameters, "REGION", policy, "aws kms");
        if (!parameters.isEmpty()) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "unknown KMS query parameters: " + parameters.names());
        }
        if (access.region().isEmpty() && access.endpoint().isEmpty()) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "could not find the aws kms region")
                    .withHint("The parameter REGION says where the key is.");
        }
        return access;
    }

    /** Exactly as typed: an alias and the key it stands for are two. */
    @Override
    public String masterKeyId(StorageUri uri) {
        access(uri);
        return uri.path().replaceFirst("^/", "");
    }

    @Override
    public Kms open(StorageUri uri) throws IOException {
        return AwsKms.open(masterKeyId(uri), access(uri), settings);
    }
}
