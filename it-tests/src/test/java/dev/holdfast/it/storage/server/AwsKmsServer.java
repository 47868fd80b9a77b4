package dev.holdfast.it.storage.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.json.JsonMapper;

/**
 * A KMS of one region that checks signatures (version 4, recomputed) and encrypts for real: what Encrypt returns begins with
 * the key's id, which Decrypt checks as AWS does.
 */
public final class AwsKmsServer implements AutoCloseable {
    public static final String KEY_ID = "kmskey";
    public static final String SECRET = "CANARY/kms+secret";
    private static final Pattern AUTHORIZATION = Pattern.compile(
            "AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})");
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpServer server;
    private final String region;
    private final Map<String, byte[]> keys = new ConcurrentHashMap<>();
    private final Set<String> disabled = ConcurrentHashMap.newKeySet();
    private volatile boolean down;

    private AwsKmsServer(HttpServer server, String region, String... keyIds) {
        this.server = server;
        this.region = region;
        for (var id : keyIds) {
            var key = new byte[32];
            new SecureRandom().nextBytes(key);
            keys.put(id, key);
        }
    }

    /** A key that is the same in every run: for backups that outlive this one. */
    public void keep(String keyId, byte[] key) {
        keys.put(keyId, key);
    }

    public static AwsKmsServer start(String region, String... keyIds) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var kms = new AwsKmsServer(server, region, keyIds);
        server.createContext("/", kms::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        return kms;
    }

    public String uri(String keyId) {
        return uri(keyId, SECRET);
    }

    public String uri(String keyId, String secret) {
        return "aws-kms:///" + keyId + "?REGION=" + region + "&AWS_ENDPOINT=http://127.0.0.1:" + server.getAddress().getPort()
                + "&AWS_ACCESS_KEY_ID=" + KEY_ID + "&AWS_SECRET_ACCESS_KEY=" + secret.replace("/", "%2F").replace("+", "%2B");
    }

    public void goDown() {
        down = true;
    }

    public void comeBack() {
        down = false;
    }

    public void disable(String keyId) {
        disabled.add(keyId);
    }

    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        Refusal(String type) {
            super(type);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = exchange.getRequestBody().readAllBytes();
            if (down) {
                answer(exchange, 503, Map.of("__type", "ServiceUnavailableException"));
                return;
            }
            try {
                authenticate(exchange, body);
                answer(exchange, 200, perform(exchange.getRequestHeaders().getFirst("X-Amz-Target"), body));
            } catch (Refusal e) {
                answer(exchange, 400, Map.of("__type", e.getMessage(), "message", "refused"));
            } catch (GeneralSecurityException e) {
                answer(exchange, 400, Map.of("__type", "InvalidCiphertextException"));
            }
        }
    }

    private static void answer(HttpExchange exchange, int status, Map<String, Object> content) throws IOException {
        var bytes = JSON.writeValueAsBytes(content);
        exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> perform(String target, byte[] body) throws GeneralSecurityException, Refusal {
        Map<String, Object> request = JSON.readValue(body, HashMap.class);
        var id = (String) request.get("KeyId");
        var key = keys.get(id);
        if (key == null) {
            throw new Refusal("NotFoundException");
        }
        if (disabled.contains(id)) {
            throw new Refusal("DisabledException");
        }
        var base64 = Base64.getDecoder();
        switch (target) {
            case "TrentService.Encrypt" -> {
                var encrypted = id + ":" + Base64.getEncoder().encodeToString(encrypt(key, base64.decode((String) request.get("Plaintext"))));
                return Map.of(
                        "KeyId", id, "CiphertextBlob", Base64.getEncoder().encodeToString(encrypted.getBytes(StandardCharsets.US_ASCII)));
            }
            case "TrentService.Decrypt" -> {
                var blob = new String(base64.decode((String) request.get("CiphertextBlob")), StandardCharsets.US_ASCII);
                int colon = blob.indexOf(':');
                if (colon < 0) {
                    throw new Refusal("InvalidCiphertextException");
                }
                if (!blob.substring(0, colon).equals(id)) {
                    throw new Refusal("IncorrectKeyException");
                }
                return Map.of("KeyId", id, "Plaintext", Base64.getEncoder().encodeToString(decrypt(key, base64.decode(blob.substring(colon + 1)))));
            }
            default -> throw new Refusal("UnknownOperationException");
        }
    }

    private static byte[] encrypt(byte[] key, byte[] plain) throws GeneralSecurityException {
        var nonce = new byte[12];
        new SecureRandom().nextBytes(nonce);
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        var sealed = cipher.doFinal(plain);
        var all = Arrays.copyOf(nonce, 12 + sealed.length);
        System.arraycopy(sealed, 0, all, 12, sealed.length);
        return all;
    }

    private static byte[] decrypt(byte[] key, byte[] sealed) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, sealed, 0, 12));
        return cipher.doFinal(sealed, 12, sealed.length - 12);
    }

    // ---- signature version 4 ----

    private void authenticate(HttpExchange exchange, byte[] body) throws GeneralSecurityException, Refusal {
        var header = exchange.getRequestHeaders().getFirst("Authorization");
        var parts = AUTHORIZATION.matcher(header == null ? "" : header);
        if (!parts.matches()) {
            throw new Refusal("MissingAuthenticationTokenException");
        }
        if (!parts.group(1).equals(KEY_ID)) {
            throw new Refusal("UnrecognizedClientException");
        }
        var hex = HexFormat.of();
        var canonical = new StringBuilder("POST\n/\n\n");
        for (var name : parts.group(5).split(";")) {
            canonical.append(name).append(':').append(exchange.getRequestHeaders().getFirst(name).strip()).append('\n');
        }
        canonical.append('\n').append(parts.group(5)).append('\n').append(hex.formatHex(sha256(body)));
        var scope = parts.group(2) + "/" + region + "/kms/aws4_request";
        var toSign = "AWS4-HMAC-SHA256\n" + exchange.getRequestHeaders().getFirst("X-Amz-Date") + "\n" + scope + "\n"
                + hex.formatHex(sha256(canonical.toString().getBytes(StandardCharsets.UTF_8)));
        var key = hmac(("AWS4" + SECRET).getBytes(StandardCharsets.UTF_8), parts.group(2));
        for (var part : new String[] {region, "kms", "aws4_request"}) {
            key = hmac(key, part);
        }
        if (!hex.formatHex(hmac(key, toSign)).equals(parts.group(6))) {
            throw new Refusal("InvalidSignatureException");
        }
    }

    private static byte[] sha256(byte[] bytes) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
