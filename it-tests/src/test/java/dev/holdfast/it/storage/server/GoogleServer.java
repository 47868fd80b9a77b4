package dev.holdfast.it.storage.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.zip.CRC32C;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.json.JsonMapper;

/**
 * Google Cloud as far as backups need it: the token service (which checks the signature of a service account's JSON Web Token), IAM,
 * Cloud Storage's JSON API with the bucket "bucket", and Cloud KMS with real encryption.
 */
public final class GoogleServer implements AutoCloseable {
    /** A token that is always good. */
    public static final String TOKEN = "CANARY-google-token";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int PAGE = 1000;

    private final HttpServer server;
    private final KeyPair account;
    private final Map<String, Boolean> tokens = new ConcurrentHashMap<>(Map.of(TOKEN, true));
    private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
    private final Map<String, byte[]> masterKeys = new ConcurrentHashMap<>();

    /** One that is complete is remembered: who has missed the answer asks again. */
    private record Upload(String name, ByteArrayOutputStream content, boolean isComplete) {}

    private record Answer(int status, byte[] body, Map<String, String> headers) {
        static Answer json(int status, Object content) {
            return new Answer(status, JSON.writeValueAsBytes(content), Map.of());
        }

        static Answer error(int status, String message) {
            return json(status, Map.of("error", Map.of("code", status, "message", message)));
        }
    }

    private GoogleServer(HttpServer server, KeyPair account) {
        this.server = server;
        this.account = account;
    }

    public static GoogleServer start() throws IOException, GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        var google = new GoogleServer(http, generator.generateKeyPair());
        http.createContext("/", google::handle);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.start();
        return google;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public String endpoint() {
        return "http://127.0.0.1:" + port();
    }

    /** Leads a Holdfast here. */
    public String configuration() {
        return """
                cloud-endpoints { google-storage = "%1$s", google-kms = "%1$s", google-iam = "%1$s" }
                """.formatted(endpoint());
    }

    /** The value of CREDENTIALS: the service account's key, percent-encoded base64. */
    public String credentials() {
        var pem = "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(account.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
        var json = JSON.writeValueAsBytes(Map.of(
                "type", "service_account", "client_email", "backup@project.example", "private_key", pem, "token_uri", endpoint() + "/token"));
        return Base64.getEncoder().encodeToString(json).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D");
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = exchange.getRequestBody().readAllBytes();
            Answer answer;
            try {
                answer = answer(exchange, body);
            } catch (GeneralSecurityException | RuntimeException e) {
                answer = Answer.error(400, "bad request");
            }
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
            exchange.getResponseBody().write(answer.body());
        }
    }

    private Answer answer(HttpExchange exchange, byte[] body) throws GeneralSecurityException {
        var path = exchange.getRequestURI().getRawPath();
        if (path.equals("/token")) {
            return token(new String(body, StandardCharsets.UTF_8));
        }
        var login = exchange.getRequestHeaders().getFirst("Authorization");
        if (login == null || !login.startsWith("Bearer ") || !tokens.containsKey(login.substring(7))) {
            return Answer.error(401, "Invalid Credentials");
        }
        var query = query(exchange.getRequestURI().getRawQuery());
        if (path.startsWith("/v1/projects/-/serviceAccounts/")) {
            return role(path.substring(path.lastIndexOf('/') + 1), body);
        }
        if (path.startsWith("/v1/projects/")) {
            return kms(path.substring("/v1/".length()), body);
        }
        if (path.startsWith("/upload/session/")) {
            return piece(exchange, path.substring(path.lastIndexOf('/') + 1), body);
        }
        if (!path.contains("/b/bucket/o")) {
            return Answer.error(404, "The specified bucket does not exist.");
        }
        if (path.startsWith("/upload/")) {
            return upload(query, body);
        }
        var marker = "/b/bucket/o";
        var name = path.substring(path.indexOf(marker) + marker.length());
        return name.isEmpty()
                ? list(query)
                : object(exchange, URLDecoder.decode(name.substring(1), StandardCharsets.UTF_8), query);
    }

    private static Map<String, String> query(String text) {
        var query = new HashMap<String, String>();
        for (var pair : text == null ? new String[0] : text.split("&")) {
            int equals = pair.indexOf('=');
            query.put(pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return query;
    }

    private Answer token(String form) throws GeneralSecurityException {
        var fields = query(form);
        var parts = fields.get("assertion").split("\\.");
        var signature = Signature.getInstance("SHA256withRSA");
        signature.initVerify(account.getPublic());
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        var claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
        boolean good = signature.verify(Base64.getUrlDecoder().decode(parts[2]))
                && claims.path("iss").asString("").equals("backup@project.example")
                && claims.path("aud").asString("").equals(endpoint() + "/token")
                && claims.path("exp").asLong(0) > System.currentTimeMillis() / 1000;
        if (!good) {
            return Answer.json(400, Map.of("error", "invalid_grant", "error_description", "Invalid JWT Signature."));
        }
        return Answer.json(200, Map.of("access_token", newToken(), "expires_in", 3599, "token_type", "Bearer"));
    }

    private String newToken() {
        var token = "ya29." + UUID.randomUUID();
        tokens.put(token, true);
        return token;
    }

    /** The account may be who "role" is, and "role" through "between". */
    private Answer role(String request, byte[] body) {
        var delegates = JSON.readTree(body).path("delegates");
        boolean allowed = request.equals("role@project.example:generateAccessToken")
                && (delegates.isEmpty() || delegates.get(0).asString("").equals("projects/-/serviceAccounts/between@project.example"));
        return allowed
                ? Answer.json(200, Map.of("accessToken", newToken(), "expireTime", Instant.now().plusSeconds(3600).toString()))
                : Answer.error(403, "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).");
    }

    // ---- storage ----

    private Answer list(Map<String, String> query) {
        var prefix = query.getOrDefault("prefix", "");
        var delimiter = query.getOrDefault("delimiter", "");
        var all = new TreeSet<String>();
        for (var name : objects.keySet()) {
            if (name.startsWith(prefix)) {
                int cut = delimiter.isEmpty() ? -1 : name.indexOf(delimiter, prefix.length());
                all.add(cut < 0 ? name : name.substring(0, cut + 1));
            }
        }
        List<Map<String, String>> items = new ArrayList<>();
        List<String> prefixes = new ArrayList<>();
        var last = "";
        for (var name : all.tailSet(query.getOrDefault("pageToken", ""), false)) {
            if (items.size() + prefixes.size() == PAGE) {
                return Answer.json(200, Map.of("items", items, "prefixes", prefixes, "nextPageToken", last));
            }
            if (!delimiter.isEmpty() && name.indexOf(delimiter, prefix.length()) >= 0) {
                prefixes.add(name);
            } else {
                items.add(Map.of("name", name));
            }
            last = name;
        }
        return Answer.json(200, Map.of("items", items, "prefixes", prefixes));
    }

    private Answer object(HttpExchange exchange, String name, Map<String, String> query) {
        if (exchange.getRequestMethod().equals("DELETE")) {
            return objects.remove(name) == null ? Answer.error(404, "No such object") : new Answer(204, new byte[0], Map.of());
        }
        var content = objects.get(name);
        if (content == null) {
            return Answer.error(404, "No such object");
        }
        if (!"media".equals(query.get("alt"))) {
            return Answer.json(200, Map.of("size", Integer.toString(content.length)));
        }
        var range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            return new Answer(200, content, Map.of());
        }
        int from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
        return from >= content.length
                ? Answer.error(416, "Requested range not satisfiable")
                : new Answer(206, Arrays.copyOfRange(content, from, content.length), Map.of());
    }

    private Answer upload(Map<String, String> query, byte[] body) {
        var name = query.get("name");
        if ("resumable".equals(query.get("uploadType"))) {
            var id = UUID.randomUUID().toString();
            uploads.put(id, new Upload(name, new ByteArrayOutputStream(), false));
            return new Answer(200, new byte[0], Map.of("Location", endpoint() + "/upload/session/" + id));
        }
        return store(name, body);
    }

    /** Always with ifGenerationMatch=0. */
    private Answer store(String name, byte[] content) {
        return objects.putIfAbsent(name, content) == null
                ? Answer.json(200, Map.of("name", name))
                : Answer.error(412, "At least one of the pre-conditions you specified did not hold.");
    }

    private Answer piece(HttpExchange exchange, String id, byte[] body) {
        var upload = uploads.get(id);
        if (upload == null) {
            return Answer.error(404, "no such upload");
        }
        if (upload.isComplete()) {
            return Answer.json(200, Map.of("name", upload.name()));
        }
        if (exchange.getRequestMethod().equals("DELETE")) {
            uploads.remove(id);
            return new Answer(499, new byte[0], Map.of());
        }
        var range = exchange.getRequestHeaders().getFirst("Content-Range").substring("bytes ".length());
        var total = range.substring(range.indexOf('/') + 1);
        if (!range.startsWith("*")) {
            if (Long.parseLong(range.substring(0, range.indexOf('-'))) != upload.content().size() || total.equals("*") && body.length % (256 << 10) != 0) {
                return Answer.error(400, "Invalid range");
            }
            upload.content().writeBytes(body);
        }
        if (!total.equals("*") && Long.parseLong(total) == upload.content().size()) {
            uploads.put(id, new Upload(upload.name(), new ByteArrayOutputStream(), true));
            return store(upload.name(), upload.content().toByteArray());
        }
        int size = upload.content().size();
        return new Answer(308, new byte[0], size == 0 ? Map.of() : Map.of("Range", "bytes=0-" + (size - 1)));
    }

    // ---- KMS ----

    private Answer kms(String path, byte[] body) throws GeneralSecurityException {
        int colon = path.lastIndexOf(':');
        var id = path.substring(0, colon);
        if (id.endsWith("/nosuch")) {
            return Answer.error(404, "CryptoKey " + id + " not found.");
        }
        var key = masterKeys.computeIfAbsent(id, name -> {
            var bytes = new byte[32];
            new SecureRandom().nextBytes(bytes);
            return bytes;
        });
        var request = JSON.readTree(body);
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        if (path.endsWith(":encrypt")) {
            var plain = Base64.getDecoder().decode(request.path("plaintext").asString(""));
            if (!crc(plain).equals(request.path("plaintextCrc32c").asString(""))) {
                return Answer.error(400, "The checksum does not match");
            }
            var nonce = new byte[12];
            new SecureRandom().nextBytes(nonce);
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
            var sealed = new ByteArrayOutputStream();
            sealed.writeBytes(nonce);
            sealed.writeBytes(cipher.doFinal(plain));
            return Answer.json(200, Map.of(
                    "ciphertext", Base64.getEncoder().encodeToString(sealed.toByteArray()),
                    "ciphertextCrc32c", crc(sealed.toByteArray()),
                    "verifiedPlaintextCrc32c", true));
        }
        var sealed = Base64.getDecoder().decode(request.path("ciphertext").asString(""));
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, sealed, 0, 12));
        var plain = cipher.doFinal(sealed, 12, sealed.length - 12);
        return Answer.json(200, Map.of("plaintext", Base64.getEncoder().encodeToString(plain), "plaintextCrc32c", crc(plain)));
    }

    private static String crc(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return Long.toString(crc.getValue());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
