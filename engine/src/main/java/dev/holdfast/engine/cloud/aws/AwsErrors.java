package dev.holdfast.engine.cloud.aws;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.http.Authorities;
import java.io.IOException;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/** Says what an error of AWS means: whether it passes, and what a user can do where the mistake is a common one. */
public final class AwsErrors {
    private AwsErrors() {}

    /** Returns what may pass, throws the rest. {@code what} begins the message. */
    public static IOException translate(SdkException e, String what) {
        if (e instanceof SdkClientException && e.getMessage() != null && e.getMessage().contains("Unable to load credentials")) {
            throw HoldfastException.of(SqlState.INSUFFICIENT_PRIVILEGE, what + ": this machine has no credentials for AWS", e)
                    .withHint("Give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the URI, or a role to the machine.");
        }
        if (!(e instanceof SdkServiceException service)) {
            var untrusted = Authorities.untrusted(e, what);
            if (untrusted.isPresent()) {
                throw untrusted.get();
            }
            return new IOException(what + ": " + e.getMessage(), e);
        }
        var code = code(e);
        var text = what + ": " + (code.isEmpty() ? "" : code + ": ") + message(service) + " (status " + service.statusCode() + ")";
        boolean passes = service.statusCode() >= 500 && service.statusCode() != 501
                || service.statusCode() == 429
                || switch (code) {
                    case "SlowDown", "RequestTimeout", "Throttling", "ThrottlingException", "TooManyRequestsException", "RequestTimeoutException" -> true;
                    default -> false;
                };
        if (passes) {
            return new IOException(text, e);
        }
        var error = HoldfastException.of(
                service.statusCode() == 401 || service.statusCode() == 403 ? SqlState.INSUFFICIENT_PRIVILEGE : SqlState.UNCATEGORIZED, text, e);
        var hint = hint(code, service);
        throw hint.isPresent() ? error.withHint(hint.get()) : error;
    }

    public static String code(SdkException e) {
        return e instanceof AwsServiceException aws && aws.awsErrorDetails() != null && aws.awsErrorDetails().errorCode() != null
                ? aws.awsErrorDetails().errorCode()
                : "";
    }

    private static String message(SdkServiceException e) {
        return e instanceof AwsServiceException aws && aws.awsErrorDetails() != null && aws.awsErrorDetails().errorMessage() != null
                ? aws.awsErrorDetails().errorMessage()
                : String.valueOf(e.getMessage());
    }

    private static Optional<String> hint(String code, SdkServiceException e) {
        return Optional.ofNullable(
                switch (code) {
                    case "NoSuchBucket" -> "Create the bucket, or correct the host of the URI, which is the bucket's name.";
                    case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException" ->
                        "The bucket is in another region: set AWS_REGION" + region(e) + ".";
                    case "RequestTimeTooSkewed" -> "The clock of the machine that Holdfast runs on is wrong.";
                    case "InvalidAccessKeyId", "UnrecognizedClientException" -> "AWS_ACCESS_KEY_ID is not known there.";
                    case "SignatureDoesNotMatch", "InvalidSignatureException" ->
                        "AWS_SECRET_ACCESS_KEY is wrong, or was not percent-encoded: / is %2F, + is %2B.";
                    case "ExpiredToken", "ExpiredTokenException" -> "The temporary credentials have expired: take new ones.";
                    case "AccessDenied", "AccessDeniedException" ->
                        "The credentials lack a permission. A backup needs s3:PutObject, s3:GetObject and s3:ListBucket; a KMS needs"
                                + " kms:Encrypt and kms:Decrypt.";
                    case "XAmzContentSHA256Mismatch", "NotImplemented", "InvalidDigest" ->
                        "If this is an older S3-compatible server, AWS_SKIP_CHECKSUM=true leaves out the checksums that it does not know.";
                    default -> null;
                });
    }

    private static String region(SdkServiceException e) {
        return e instanceof AwsServiceException aws && aws.awsErrorDetails() != null && aws.awsErrorDetails().sdkHttpResponse() != null
                ? aws.awsErrorDetails()
                        .sdkHttpResponse()
                        .firstMatchingHeader("x-amz-bucket-region")
                        .map(region -> "=" + region)
                        .orElse("")
                : "";
    }
}
