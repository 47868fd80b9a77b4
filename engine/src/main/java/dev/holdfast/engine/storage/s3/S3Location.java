package dev.holdfast.engine.storage.s3;

import dev.holdfast.engine.cloud.aws.AwsAccess;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.UriParameters;
import java.util.Optional;

/**
 * An {@code s3://bucket/prefix?...} URI, understood.
 *
 * @param skipChecksums only the checksums that a service insists on: older servers refuse the ones that the SDK adds
 */
record S3Location(
        StorageUri uri,
        String bucket,
        AwsAccess access,
        boolean pathStyle,
        boolean skipChecksums,
        Optional<String> serverEncryption,
        Optional<String> serverKmsKey,
        Optional<String> storageClass) {

    static S3Location of(StorageUri uri, ExternalIoPolicy policy) {
        if (uri.host().isEmpty()) {
            throw invalid("empty host component; s3 URI must specify a target bucket");
        }
        var parameters = new UriParameters(uri);
        var access = AwsAccess.take(parameters, "AWS_REGION", policy, "s3");
        boolean pathStyle = parameters.takeFlag("AWS_USE_PATH_STYLE", access.endpoint().isPresent());
        boolean skipChecksums = parameters.takeFlag("AWS_SKIP_CHECKSUM", false);
        var mode = parameters.take("AWS_SERVER_ENC_MODE");
        var kmsKey = parameters.take("AWS_SERVER_KMS_ID");
        var storageClass = parameters.take("S3_STORAGE_CLASS");
        parameters.refuseOthers("S3");
        mode.ifPresent(name -> {
            if (!name.equals("AES256") && !name.equals("aws:kms")) {
                throw invalid("unsupported server encryption mode " + name + ". Supported values are `aws:kms` and `AES256`.");
            }
            if (name.equals("aws:kms") && kmsKey.isEmpty()) {
                throw invalid("AWS_SERVER_KMS_ID param must be set when using aws:kms server side encryption mode.");
            }
        });
        return new S3Location(uri, uri.host(), access, pathStyle, skipChecksums, mode, kmsKey, storageClass);
    }

    private static HoldfastException invalid(String message) {
        return HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, message);
    }

    String key(String name) {
        return uri.resolve(name).path().substring(1);
    }
}
