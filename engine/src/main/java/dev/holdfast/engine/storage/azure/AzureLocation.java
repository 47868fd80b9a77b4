package dev.holdfast.engine.storage.azure;

import dev.holdfast.engine.cloud.azure.AzureAccess;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.UriParameters;
import java.util.Base64;
import java.util.Optional;

/**
 * An {@code azure-blob://container/prefix?...} URI, understood.
 *
 * @param accountKey empty: the access is an application's or the machine's
 */
record AzureLocation(StorageUri uri, String container, String account, Optional<String> accountKey, AzureAccess access) {
    static AzureLocation of(StorageUri uri, ExternalIoPolicy policy) {
        if (uri.host().isEmpty()) {
            throw invalid("empty host component; azure URI must specify a target container");
        }
        var parameters = new UriParameters(uri);
        var account = parameters.take("AZURE_ACCOUNT_NAME");
        // Base64: a plus that was not percent-encoded has become a blank.
        var key = parameters.take("AZURE_ACCOUNT_KEY").map(text -> text.replace(' ', '+'));
        var access = AzureAccess.take(parameters);
        parameters.refuseOthers("azure");
        if (account.isEmpty()) {
            throw invalid("azure uri missing \"AZURE_ACCOUNT_NAME\" parameter");
        }
        if (access.isImplicit()) {
            policy.requireImplicit("azure");
            return new AzureLocation(uri, uri.host(), account.get(), Optional.empty(), access);
        }
        access.auth().filter(auth -> !auth.equals("specified")).ifPresent(auth -> {
            throw invalid("unsupported value " + auth + " for AUTH").withHint("AUTH is specified or implicit.");
        });
        boolean application = access.clientParameters(false).isEmpty();
        boolean partly = !access.clientParameters(true).isEmpty();
        if (key.isPresent() ? partly : !application) {
            throw invalid("explicit azure uri requires exactly one authentication method: \"AZURE_ACCOUNT_KEY\" OR all three of"
                    + " \"AZURE_TENANT_ID\", \"AZURE_CLIENT_ID\", and \"AZURE_CLIENT_SECRET\"");
        }
        key.ifPresent(AzureLocation::requireBase64);
        return new AzureLocation(uri, uri.host(), account.get(), key, access);
    }

    private static void requireBase64(String key) {
        try {
            Base64.getDecoder().decode(key);
        } catch (IllegalArgumentException e) {
            throw invalid("azure uri has an \"AZURE_ACCOUNT_KEY\" that is not base64")
                    .withHint("It has to be percent-encoded: / is %2F, + is %2B, = is %3D.");
        }
    }

    private static HoldfastException invalid(String message) {
        return HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, message);
    }

    String key(String name) {
        return uri.resolve(name).path().substring(1);
    }
}
