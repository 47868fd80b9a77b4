package dev.holdfast.engine.crypto.kms;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.Retry;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages.ConnectionLookup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/** All kinds of key management service this process knows. */
public final class KeyServices {
    private static final String EXTERNAL = "external";
    private static final int PROBE = 32;

    private final Map<String, KmsProvider> providers;
    private final ConnectionLookup connections;
    private final Retry retry = new Retry(new Random());

    /** @param providers by scheme */
    public KeyServices(Map<String, KmsProvider> providers, ConnectionLookup connections) {
        this.providers = Map.copyOf(providers);
        this.connections = connections;
    }

    public boolean knows(String scheme) {
        return providers.containsKey(scheme);
    }

    private StorageUri resolve(String text) throws IOException {
        var uri = StorageUri.parse(text);
        return uri.scheme().equals(EXTERNAL) ? connections.uri(uri.host()) : uri;
    }

    private KmsProvider provider(StorageUri uri) {
        var provider = providers.get(uri.scheme());
        if (provider == null) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "no factory method found for scheme " + uri.scheme())
                    .withHint("Schemes of KMS are: " + String.join(", ", providers.keySet().stream().sorted().toList()) + ".");
        }
        if (uri.path().replaceFirst("^/+", "").isEmpty()) {
            throw HoldfastException.of(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "path component of the KMS cannot be empty; must contain the Customer Managed Key");
        }
        return provider;
    }

    /** SHA-256 of the master key's id: what ENCRYPTION-INFO has in its stead. */
    public byte[] masterKey(String text) throws IOException {
        var uri = resolve(text);
        try {
            var id = provider(uri).masterKeyId(uri);
            return MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public byte[] encrypt(String text, byte[] plain) throws IOException {
        return with(text, kms -> kms.encrypt(plain));
    }

    public byte[] decrypt(String text, byte[] encrypted) throws IOException {
        return with(text, kms -> kms.decrypt(encrypted));
    }

    /** Whether what the key encrypts can be decrypted again. */
    public void probe(String text) throws IOException {
        var plain = new byte[PROBE];
        if (!Arrays.equals(plain, decrypt(text, encrypt(text, plain)))) {
            throw HoldfastException.of(SqlState.DATA_CORRUPTED, "the KMS decrypts something else than it has encrypted");
        }
    }

    private interface Use {
        byte[] of(Kms kms) throws IOException;
    }

    private byte[] with(String text, Use use) throws IOException {
        var uri = resolve(text);
        var redactor = uri.redactor();
        try (var kms = provider(uri).open(uri)) {
            return retry.call(() -> use.of(kms));
        } catch (HoldfastException e) {
            throw redactor.clean(e);
        } catch (IOException e) {
            throw redactor.clean(e);
        }
    }

    /** The scheme, for messages that must not say more. */
    public static String scheme(String text) {
        return StorageUri.parse(text).scheme();
    }
}
