package dev.holdfast.engine.cloud.azure;

import com.azure.core.exception.ClientAuthenticationException;
import com.azure.core.exception.HttpResponseException;
import com.azure.storage.blob.models.BlobStorageException;
import com.microsoft.aad.msal4j.MsalException;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.http.Authorities;
import java.io.IOException;
import java.util.Optional;

/** Says what an error of Azure means: whether it passes, and what a user can do where the mistake is a common one. */
public final class AzureErrors {
    private AzureErrors() {}

    /** Returns what may pass, throws the rest. {@code what} begins the message. */
    public static IOException translate(RuntimeException e, String what) {
        if (e instanceof HoldfastException known) {
            throw known;
        }
        var untrusted = Authorities.untrusted(e, what);
        if (untrusted.isPresent()) {
            throw untrusted.get();
        }
        var response = find(e, HttpResponseException.class).filter(http -> http.getResponse() != null);
        if (response.isPresent()) {
            return ofResponse(response.get(), what);
        }
        // A login that was refused, or that nothing was found for; one whose server could not be reached has an IOException inside.
        boolean login = find(e, ClientAuthenticationException.class).isPresent() || find(e, MsalException.class).isPresent();
        if (login && find(e, IOException.class).isEmpty()) {
            throw HoldfastException.of(SqlState.INSUFFICIENT_PRIVILEGE, what + ": cannot log in: " + firstLine(root(e).getMessage()), e)
                    .withHint("Check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET;"
                            + " with AUTH=implicit, give the machine an identity.");
        }
        return new IOException(what + ": " + firstLine(root(e).toString()), e);
    }

    public static boolean hasStatus(RuntimeException e, int... statuses) {
        var response = find(e, HttpResponseException.class).filter(http -> http.getResponse() != null);
        for (int status : statuses) {
            if (response.isPresent() && response.get().getResponse().getStatusCode() == status) {
                return true;
            }
        }
        return false;
    }

    /** Such as {@code ContainerNotFound}; empty if there is none. */
    public static String code(RuntimeException e) {
        return find(e, BlobStorageException.class).map(blob -> String.valueOf(blob.getErrorCode())).orElse("");
    }

    private static IOException ofResponse(HttpResponseException e, String what) {
        int status = e.getResponse().getStatusCode();
        var code = code(e);
        // The rest of it is a request's id and time, and for some errors the string that was to be signed.
        boolean said = e instanceof BlobStorageException blob && blob.getServiceMessage() != null;
        var message = firstLine(said ? ((BlobStorageException) e).getServiceMessage() : e.getMessage());
        var text = what + ": " + (code.isEmpty() || code.equals("null") ? "" : code + ": ") + message + " (status " + status + ")";
        if (status >= 500 && status != 501 || status == 429 || status == 408) {
            return new IOException(text, e);
        }
        var error = HoldfastException.of(
                status == 401 || status == 403 ? SqlState.INSUFFICIENT_PRIVILEGE : SqlState.UNCATEGORIZED, text, e);
        var hint = hint(code, status);
        throw hint.isPresent() ? error.withHint(hint.get()) : error;
    }

    private static Optional<String> hint(String code, int status) {
        return Optional.ofNullable(
                switch (code) {
                    case "ContainerNotFound" -> "Create the container, or correct the host of the URI, which is the container's name.";
                    case "AuthenticationFailed", "InvalidAuthenticationInfo" ->
                        "AZURE_ACCOUNT_KEY is wrong or was not percent-encoded (/ is %2F, + is %2B), or the clock of Holdfast's machine is.";
                    case "AuthorizationPermissionMismatch", "AuthorizationFailure", "InsufficientAccountPermissions" ->
                        "A backup needs the role Storage Blob Data Contributor, a restore Storage Blob Data Reader.";
                    default -> status == 403 ? "A KMS needs the permissions to encrypt and to decrypt with the key." : null;
                });
    }

    private static String firstLine(String text) {
        return String.valueOf(text).lines().findFirst().orElse("refused");
    }

    private static Throwable root(Throwable e) {
        var root = e;
        while (root.getCause() != null && root.getCause().getMessage() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static <T extends Throwable> Optional<T> find(Throwable e, Class<T> type) {
        for (var cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }
}
