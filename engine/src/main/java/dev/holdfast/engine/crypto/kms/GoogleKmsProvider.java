package dev.holdfast.engine.crypto.kms;

import dev.holdfast.engine.cloud.CloudEndpoints;
import dev.holdfast.engine.cloud.google.GoogleAccess;
import dev.holdfast.engine.cloud.google.GoogleErrors;
import dev.holdfast.engine.cloud.google.GoogleTokens;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.CloudSettings;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.UriParameters;
import dev.holdfast.engine.storage.http.HttpTransport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Clock;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code gcp-kms:///projects/p/locations/l/keyRings/r/cryptoKeys/k}, by the service's JSON API. */
public final class GoogleKmsProvider implements KmsProvider {
    private static final String WHERE = "gcp kms";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ExternalIoPolicy policy;
    private final CloudSettings settings;
    private final CloudEndpoints endpoints;
    private final Map<String, String> environment;

    public GoogleKmsProvider(ExternalIoPolicy policy, CloudSettings settings, CloudEndpoints endpoints, Map<String, String> environment) {
        this.policy = policy;
        this.settings = settings;
        this.endpoints = endpoints;
        this.environment = environment;
    }

    private GoogleAccess access(StorageUri uri) {
        var parameters = new UriParameters(uri);
        var access = GoogleAccess.take(parameters, policy, WHERE);
        if (!parameters.isEmpty()) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "unknown KMS query parameters: " + parameters.names());
        }
        return access;
    }

    /** A key, not one of its versions: the service chooses that. */
    @Override
    public String masterKeyId(StorageUri uri) {
        access(uri);
        var path = uri.path().replaceFirst("^/", "");
        int version = path.indexOf("/cryptoKeyVersions/");
        return version < 0 ? path : path.substring(0, version);
    }

    @Override
    public Kms open(StorageUri uri) throws IOException {
        var access = access(uri);
        var defaultKey = settings.googleDefaultKey();
        access.requireCredentials(defaultKey, policy, WHERE);
        var transport = new HttpTransport(settings.customAuthorities(), settings.timeout(), environment);
        var tokens = new GoogleTokens(access, defaultKey, endpoints.googleIam(), transport, environment, Clock.systemUTC());
        return new GoogleKms(masterKeyId(uri), endpoints.googleKms(), transport, tokens);
    }

    private record GoogleKms(String key, String endpoint, HttpTransport transport, GoogleTokens tokens) implements Kms {
        @Override
        public byte[] encrypt(byte[] plain) throws IOException {
            var answer = call("encrypt", Map.of("plaintext", base64(plain), "plaintextCrc32c", crc(plain)));
            var encrypted = Base64.getDecoder().decode(answer.path("ciphertext").asString(""));
            if (!answer.path("verifiedPlaintextCrc32c").asBoolean(false)) {
                throw new IOException("Encrypt: request corrupted in-transit");
            }
            if (!crc(encrypted).equals(answer.path("ciphertextCrc32c").asString(""))) {
                throw new IOException("Encrypt: response corrupted in-transit");
            }
            return encrypted;
        }

        @Override
        public byte[] decrypt(byte[] encrypted) throws IOException {
            var answer = call("decrypt", Map.of("ciphertext", base64(encrypted), "ciphertextCrc32c", crc(encrypted)));
            var plain = Base64.getDecoder().decode(answer.path("plaintext").asString(""));
            if (!crc(plain).equals(answer.path("plaintextCrc32c").asString(""))) {
                throw new IOException("Decrypt: response corrupted in-transit");
            }
            return plain;
        }

        private JsonNode call(String method, Map<String, String> request) throws IOException {
            var response = transport.send(HttpRequest.newBuilder(URI.create(endpoint + "/v1/" + key + ":" + method))
                    .header("Authorization", "Bearer " + tokens.token())
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(JSON.writeValueAsString(request))));
            try (var body = response.body()) {
                var bytes = body.readAllBytes();
                if (response.statusCode() != 200) {
                    throw GoogleErrors.translate(
                            response.statusCode(), bytes, "gcp kms: cannot " + method, Optional.of("Is this the key's full resource name?"));
                }
                return JSON.readTree(bytes);
            }
        }

        private static String base64(byte[] bytes) {
            return Base64.getEncoder().encodeToString(bytes);
        }

        private static String crc(byte[] bytes) {
            var crc = new CRC32C();
            crc.update(bytes);
            return Long.toString(crc.getValue());
        }

        @Override
        public void close() {
            transport.close();
        }
    }
}
