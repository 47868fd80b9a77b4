package dev.holdfast.engine.cloud.aws;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.UriParameters;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Who asks AWS for something, and where: the parameters that S3 and KMS URIs have in common. Knows nothing of the SDK, so that a
 * URI can be checked without loading it.
 *
 * @param secretKey empty with {@code AUTH=implicit}, like the key id
 * @param roles to be assumed one after the other; the last one is who asks
 */
public record AwsAccess(
        Optional<String> keyId,
        Optional<String> secretKey,
        Optional<String> sessionToken,
        Optional<URI> endpoint,
        Optional<String> region,
        boolean skipTlsVerification,
        List<Role> roles) {

    public record Role(String arn, Optional<String> externalId) {
        /** {@code arn;external_id=id} */
        static Role parse(String text) {
            var parts = text.strip().split(";");
            Optional<String> externalId = Optional.empty();
            for (int i = 1; i < parts.length; i++) {
                if (!parts[i].startsWith("external_id=")) {
                    throw invalid("invalid ASSUME_ROLE: \"" + parts[i] + "\", want external_id=...");
                }
                externalId = Optional.of(parts[i].substring("external_id=".length()));
            }
            return new Role(parts[0], externalId);
        }
    }

    /** {@code where} as messages name it: s3, aws kms. */
    public static AwsAccess take(UriParameters parameters, String regionParameter, ExternalIoPolicy policy, String where) {
        var auth = parameters.take("AUTH").orElse("specified");
        var keyId = parameters.take("AWS_ACCESS_KEY_ID");
        // A plus that was not percent-encoded has become a blank; there are no blanks in these.
        var secret = parameters.take("AWS_SECRET_ACCESS_KEY").map(text -> text.replace(' ', '+'));
        var token = parameters.take("AWS_SESSION_TOKEN").map(text -> text.replace(' ', '+'));
        var endpoint = parameters.take("AWS_ENDPOINT").map(AwsAccess::endpoint);
        var region = parameters.take(regionParameter);
        boolean skipTls = parameters.takeFlag("AWS_SKIP_TLS_VERIFY", false);
        var roles = parameters.take("ASSUME_ROLE")
                .map(chain -> Arrays.stream(chain.split(",")).map(Role::parse).toList())
                .orElse(List.of());
        switch (auth) {
            case "specified" -> {
                requireSet("AWS_ACCESS_KEY_ID", keyId);
                requireSet("AWS_SECRET_ACCESS_KEY", secret);
            }
            case "implicit" -> policy.requireImplicit(where);
            default -> throw invalid("unsupported value " + auth + " for AUTH").withHint("AUTH is specified or implicit.");
        }
        if (endpoint.isPresent()) {
            policy.requireCustomEndpoint(where);
        }
        boolean specified = auth.equals("specified");
        return new AwsAccess(
                keyId.filter(k -> specified), secret.filter(s -> specified), token.filter(t -> specified), endpoint, region, skipTls, roles);
    }

    private static void requireSet(String name, Optional<String> value) {
        if (value.isEmpty()) {
            throw invalid("AUTH is set to 'specified', but " + name + " is not set")
                    .withHint("AUTH=implicit uses the credentials of the machine that Holdfast runs on.");
        }
    }

    private static URI endpoint(String text) {
        try {
            var uri = URI.create(text.contains("://") ? text : "https://" + text);
            if (uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // The same answer as for one without a host.
        }
        throw invalid("invalid AWS_ENDPOINT: \"" + text + "\"");
    }

    private static HoldfastException invalid(String message) {
        return HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, message);
    }

    @Override
    public String toString() {
        return "AWS access of " + keyId.orElse("this machine");
    }
}
