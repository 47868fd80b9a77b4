package dev.holdfast.engine.crypto.kms;

import com.azure.security.keyvault.keys.cryptography.CryptographyClient;
import com.azure.security.keyvault.keys.cryptography.CryptographyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.models.EncryptionAlgorithm;
import dev.holdfast.engine.cloud.CloudEndpoints;
import dev.holdfast.engine.cloud.azure.AzureAccess;
import dev.holdfast.engine.cloud.azure.AzureErrors;
import dev.holdfast.engine.cloud.azure.AzureSession;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.CloudSettings;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.UriParameters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code azure-kms:///key/version?AZURE_VAULT_NAME=...}: an RSA key in a Key Vault. */
public final class AzureKmsProvider implements KmsProvider {
    private final ExternalIoPolicy policy;
    private final CloudSettings settings;
    private final CloudEndpoints endpoints;
    private final Map<String, String> environment;

    public AzureKmsProvider(ExternalIoPolicy policy, CloudSettings settings, CloudEndpoints endpoints, Map<String, String> environment) {
        this.policy = policy;
        this.settings = settings;
        this.endpoints = endpoints;
        this.environment = environment;
    }

    private record Location(String vault, String key, String version, AzureAccess access) {}

    private Location parse(StorageUri uri) {
        var parameters = new UriParameters(uri);
        var vault = parameters.take("AZURE_VAULT_NAME");
        var access = AzureAccess.take(parameters);
        if (!parameters.isEmpty()) {
            throw invalid("unknown KMS query parameters: " + parameters.names());
        }
        access.auth().filter(auth -> !auth.equals("specified") && !auth.equals("implicit")).ifPresent(auth -> {
            throw invalid("unsupported value " + auth + " for AUTH").withHint("AUTH is specified or implicit.");
        });
        if (access.isImplicit()) {
            policy.requireImplicit("azure kms");
            refuse("kms implicit auth URI does not support: ", access.clientParameters(true));
            refuse("kms URI expected but did not receive: ", vault.isEmpty() ? List.of("AZURE_VAULT_NAME") : List.of());
        } else {
            var missing = new ArrayList<>(access.clientParameters(false));
            if (vault.isEmpty()) {
                missing.add("AZURE_VAULT_NAME");
            }
            refuse("kms explicit auth URI expected but did not receive: ", missing);
        }
        var tokens = uri.path().replaceFirst("^/", "").split("/");
        if (tokens.length != 2 || tokens[0].isEmpty() || tokens[1].isEmpty()) {
            throw invalid("azure kms key must be of form 'id/version'");
        }
        return new Location(vault.orElseThrow(), tokens[0], tokens[1], access);
    }

    private static void refuse(String message, List<String> parameters) {
        if (!parameters.isEmpty()) {
            throw invalid(message + String.join(", ", parameters));
        }
    }

    private static HoldfastException invalid(String message) {
        return HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, message);
    }

    /** The key's name alone: neither its version nor its vault. */
    @Override
    public String masterKeyId(StorageUri uri) {
        return parse(uri).key();
    }

    @Override
    public Kms open(StorageUri uri) throws IOException {
        var location = parse(uri);
        var session = new AzureSession(settings, endpoints, environment);
        var vault = location.access().cloud().vault(location.vault(), endpoints);
        var builder = new CryptographyClientBuilder()
                .keyIdentifier(vault + "/keys/" + location.key() + "/" + location.version())
                .credential(session.credential(location.access()))
                .httpClient(session.http())
                .retryOptions(AzureSession.once())
                // Or it would fetch the public key, which takes one more permission, and encrypt here.
                .disableKeyCaching();
        if (!endpoints.azureVault().isEmpty()) {
            // It refuses to show its token to hosts that are not Microsoft's.
            builder.disableChallengeResourceVerification();
        }
        return new AzureKms(builder.buildClient());
    }

    private record AzureKms(CryptographyClient client) implements Kms {
        @Override
        public byte[] encrypt(byte[] plain) throws IOException {
            return call("encrypt", () -> client.encrypt(EncryptionAlgorithm.RSA_OAEP_256, plain).getCipherText());
        }

        @Override
        public byte[] decrypt(byte[] encrypted) throws IOException {
            return call("decrypt", () -> client.decrypt(EncryptionAlgorithm.RSA_OAEP_256, encrypted).getPlainText());
        }

        private static byte[] call(String method, Supplier<byte[]> call) throws IOException {
            try {
                return Optional.ofNullable(call.get()).orElseThrow(() -> new IOException("azure kms: an empty answer"));
            } catch (RuntimeException e) {
                throw AzureErrors.translate(e, "azure kms: cannot " + method);
            }
        }

        @Override
        public void close() {}
    }
}
