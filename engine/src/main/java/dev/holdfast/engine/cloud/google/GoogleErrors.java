package dev.holdfast.engine.cloud.google;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Says what an error of Google Cloud means: whether it passes, and what a user can do where the mistake is a common one. */
public final class GoogleErrors {
    private GoogleErrors() {}

    /** Returns what may pass, throws the rest. {@code what} begins the message. */
    public static IOException translate(int status, byte[] body, String what, Optional<String> notFoundHint) {
        var text = what + ": " + message(body) + " (status " + status + ")";
        if (status >= 500 && status != 501 || status == 429 || status == 408) {
            return new IOException(text);
        }
        var error = HoldfastException.of(
                status == 401 || status == 403 ? SqlState.INSUFFICIENT_PRIVILEGE : SqlState.UNCATEGORIZED, text);
        var hint = switch (status) {
            case 401 -> Optional.of("The token has expired, or the credentials are wrong.");
            case 403 -> Optional.of("The account lacks a permission: a backup needs storage.objects.create, get and list; a KMS needs"
                    + " cloudkms.cryptoKeyVersions.useToEncrypt and useToDecrypt.");
            case 404 -> notFoundHint;
            default -> Optional.<String>empty();
        };
        throw hint.isPresent() ? error.withHint(hint.get()) : error;
    }

    private static String message(byte[] body) {
        try {
            var json = JsonMapper.shared().readTree(body);
            var error = json.path("error");
            return error.path("message").asString(json.path("error_description").asString(error.asString("refused")));
        } catch (JacksonException e) {
            return "refused";
        }
    }
}
