package dev.holdfast.engine.cloud.google;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.UriParameters;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Who asks Google Cloud for something: the parameters that storage and KMS URIs have in common.
 *
 * @param key of a service account, as JSON
 * @param delegates service accounts to be impersonated through; the last one is who asks
 */
public record GoogleAccess(Kind kind, Optional<String> key, Optional<String> bearerToken, List<String> delegates) {
    public enum Kind {
        /** A service account's key, or a token, from the URI. */
        SPECIFIED,
        /** What the machine has: a file named by GOOGLE_APPLICATION_CREDENTIALS, or the metadata server. */
        IMPLICIT,
        /** The cluster setting. */
        DEFAULT_KEY,
        /** The cluster setting if it is set, else what the machine has. */
        UNSAID
    }

    /** {@code where} as messages name it. */
    public static GoogleAccess take(UriParameters parameters, ExternalIoPolicy policy, String where) {
        var auth = parameters.take("AUTH");
        // Standard base64: a plus that was not percent-encoded has become a blank.
        var key = parameters.take("CREDENTIALS").map(text -> decode(text.replace(' ', '+')));
        var token = parameters.take("BEARER_TOKEN");
        var delegates = parameters.take("ASSUME_ROLE").map(chain -> Arrays.stream(chain.split(",")).map(String::strip).toList());
        boolean given = key.isPresent() || token.isPresent();
        var kind = auth.isEmpty()
                ? given ? Kind.SPECIFIED : Kind.UNSAID
                : switch (auth.get()) {
                    case "specified" -> Kind.SPECIFIED;
                    case "implicit" -> Kind.IMPLICIT;
                    case "default" -> Kind.DEFAULT_KEY;
                    default -> throw invalid("unsupported value " + auth.get() + " for AUTH");
                };
        if (kind == Kind.SPECIFIED && !given) {
            throw invalid("CREDENTIALS must be set unless \"AUTH\" is \"implicit\"");
        }
        if (kind == Kind.IMPLICIT) {
            policy.requireImplicit(where);
        }
        return new GoogleAccess(kind, key, token, delegates.orElse(List.of()));
    }

    /** Fails if nothing but the machine's own credentials is left, and they are not for users. */
    public void requireCredentials(String defaultKey, ExternalIoPolicy policy, String where) {
        if (kind == Kind.UNSAID && defaultKey.isEmpty()) {
            policy.requireImplicit(where);
        }
    }

    private static String decode(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw invalid("decoding value of CREDENTIALS: it is not base64")
                    .withHint("CREDENTIALS is the service account's JSON key in base64, percent-encoded.");
        }
    }

    private static HoldfastException invalid(String message) {
        return HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, message);
    }

    @Override
    public String toString() {
        return "Google access (" + kind + ")";
    }
}
