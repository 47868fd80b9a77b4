package dev.holdfast.engine.cloud.google;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.http.HttpTransport;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Access tokens of OAuth 2, fetched when they are needed and again before they expire. */
public final class GoogleTokens {
    private static final String SCOPE = "https://www.googleapis.com/auth/cloud-platform";
    private static final Duration EARLY = Duration.ofMinutes(2);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final GoogleAccess access;
    private final String defaultKey;
    private final String iam;
    private final HttpTransport transport;
    private final Map<String, String> environment;
    private final Clock clock;
    private Token current;

    private record Token(String value, Instant expires) {}

    /**
     * @param defaultKey the cluster setting, empty if there is none
     * @param iam where roles are assumed
     */
    public GoogleTokens(
            GoogleAccess access, String defaultKey, String iam, HttpTransport transport, Map<String, String> environment, Clock clock) {
        this.access = access;
        this.defaultKey = defaultKey;
        this.iam = iam;
        this.transport = transport;
        this.environment = environment;
        this.clock = clock;
    }

    public synchronized String token() throws IOException {
        if (current == null || clock.instant().isAfter(current.expires().minus(EARLY))) {
            current = impersonated(base());
        }
        return current.value();
    }

    private Token base() throws IOException {
        return switch (access.kind()) {
            case SPECIFIED ->
                access.bearerToken().isPresent()
                        ? new Token(access.bearerToken().get(), Instant.MAX)
                        : ofServiceAccount(access.key().orElseThrow());
            case DEFAULT_KEY -> {
                if (defaultKey.isEmpty()) {
                    throw HoldfastException.of(SqlState.UNCATEGORIZED, "expected settings value for cloudstorage.gs.default.key");
                }
                yield ofServiceAccount(defaultKey);
            }
            case IMPLICIT -> ofMachine();
            case UNSAID -> defaultKey.isEmpty() ? ofMachine() : ofServiceAccount(defaultKey);
        };
    }

    /** A JSON Web Token signed with the account's key is exchanged for an access token. */
    private Token ofServiceAccount(String json) throws IOException {
        try {
            var key = JSON.readTree(json);
            var tokenUri = key.path("token_uri").asString("https://oauth2.googleapis.com/token");
            long now = clock.instant().getEpochSecond();
            var claims = JSON.writeValueAsString(Map.of(
                    "iss", key.path("client_email").asString(""), "scope", SCOPE, "aud", tokenUri, "iat", now, "exp", now + 3600));
            var unsigned = base64("{\"alg\":\"RS256\",\"typ\":\"JWT\"}") + "." + base64(claims);
            var pem = key.path("private_key").asString("").replaceAll("-----[A-Z ]+-----|\\s", "");
            var signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem))));
            signature.update(unsigned.getBytes(StandardCharsets.US_ASCII));
            var assertion = unsigned + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
            return request(form(
                    tokenUri, Map.of("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion", assertion)));
        } catch (JacksonException | GeneralSecurityException | IllegalArgumentException e) {
            // The cause's text may repeat the key.
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "the credentials are no JSON key of a service account");
        }
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private Token ofMachine() throws IOException {
        var file = environment.get("GOOGLE_APPLICATION_CREDENTIALS");
        if (file != null && !file.isBlank()) {
            return ofServiceAccount(Files.readString(Path.of(file)));
        }
        var host = environment.getOrDefault("GCE_METADATA_HOST", "metadata.google.internal");
        return request(HttpRequest.newBuilder(
                        URI.create("http://" + host + "/computeMetadata/v1/instance/service-accounts/default/token"))
                .header("Metadata-Flavor", "Google"));
    }

    private Token impersonated(Token base) throws IOException {
        if (access.delegates().isEmpty()) {
            return base;
        }
        var through = access.delegates().subList(0, access.delegates().size() - 1).stream()
                .map(name -> "projects/-/serviceAccounts/" + name)
                .toList();
        var body = JSON.writeValueAsString(Map.of("scope", List.of(SCOPE), "delegates", through));
        var answer = send(HttpRequest.newBuilder(
                        URI.create(iam + "/v1/projects/-/serviceAccounts/" + access.delegates().getLast() + ":generateAccessToken"))
                .header("Authorization", "Bearer " + base.value())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
        return new Token(answer.path("accessToken").asString(""), Instant.parse(answer.path("expireTime").asString("")));
    }

    private static HttpRequest.Builder form(String uri, Map<String, String> fields) {
        var text = new StringBuilder();
        fields.forEach((name, value) -> text.append(text.isEmpty() ? "" : "&")
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return HttpRequest.newBuilder(URI.create(uri))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(text.toString()));
    }

    private Token request(HttpRequest.Builder request) throws IOException {
        var answer = send(request);
        return new Token(
                answer.path("access_token").asString(""), clock.instant().plusSeconds(answer.path("expires_in").asLong(3600)));
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException {
        HttpResponse<InputStream> response = transport.send(request);
        try (var body = response.body()) {
            if (response.statusCode() == 200) {
                return JSON.readTree(body.readAllBytes());
            }
            throw GoogleErrors.translate(
                    response.statusCode(), body.readAllBytes(), "google cloud: cannot get an access token", Optional.empty());
        }
    }
}
