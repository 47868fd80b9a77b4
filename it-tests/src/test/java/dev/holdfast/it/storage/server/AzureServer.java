package dev.holdfast.it.storage.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.holdfast.it.support.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Azure's login server, which checks the secret of an application, and a Key Vault "vault", which checks tokens and encrypts with
 * RSA keys of its own. {@link Azurite} takes the tokens too.
 */
public final class AzureServer implements AutoCloseable {
    private static final String TENANT = "11111111-2222-3333-4444-555555555555";
    private static final String CLIENT = "66666666-7777-8888-9999-000000000000";
    private static final String SECRET = "CANARY~azure.secret";
    private static final String VERSION = "0123456789abcdef0123456789abcdef";
    private static final OAEPParameterSpec OAEP_256 =
            new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpsServer server;
    private final Map<String, String> audiences = new ConcurrentHashMap<>();
    private final Map<String, KeyPair> keys = new HashMap<>();
    private volatile boolean isDown;

    private record Answer(int status, Object body) {
        static Answer error(int status, String code, String message) {
            return new Answer(status, Map.of("error", Map.of("code", code, "message", message)));
        }
    }

    private AzureServer(HttpsServer server) {
        this.server = server;
    }

    public static AzureServer start(TestCertificate certificate, String... keys) throws IOException, GeneralSecurityException {
        var https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        https.setHttpsConfigurator(new HttpsConfigurator(certificate.serverContext()));
        var azure = new AzureServer(https);
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        for (var key : keys) {
            azure.keys.put(key, generator.generateKeyPair());
        }
        https.createContext("/", azure::handle);
        https.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        https.start();
        return azure;
    }

    /** By the name that the certificate has, and the SDK takes for a login server's. */
    public String endpoint() {
        return "https://localhost:" + server.getAddress().getPort();
    }

    /** Leads a Holdfast here and to Azurite. */
    public String configuration(String blobEndpoint) {
        return """
                cloud-endpoints { azure-blob = "%s", azure-vault = "%s", azure-login = "%s" }
                """.formatted(blobEndpoint, endpoint(), endpoint());
    }

    /** The part of a URI that logs in. */
    public static String login() {
        return "AZURE_TENANT_ID=" + TENANT + "&AZURE_CLIENT_ID=" + CLIENT + "&AZURE_CLIENT_SECRET=" + SECRET.replace("~", "%7E");
    }

    /** As the file of implicit credentials has it. */
    public static String yaml() {
        return "azure_tenant_id: " + TENANT + "\nazure_client_id: \"" + CLIENT + "\"\nazure_client_secret: " + SECRET + "\n";
    }

    public static String kms(String key) {
        return "azure-kms:///" + key + "/" + VERSION + "?AZURE_VAULT_NAME=vault&" + login();
    }

    public void goDown() {
        isDown = true;
    }

    public void comeBack() {
        isDown = false;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Answer answer;
            try {
                answer = answer(exchange, body);
            } catch (GeneralSecurityException | RuntimeException e) {
                answer = Answer.error(400, "BadParameter", "The parameter is incorrect.");
            }
            var bytes = JSON.writeValueAsBytes(answer.body());
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.status(), bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Answer answer(HttpExchange exchange, String body) throws GeneralSecurityException {
        var path = exchange.getRequestURI().getPath();
        if (path.equals("/" + TENANT + "/oauth2/v2.0/token")) {
            return token(body);
        }
        if (isDown) {
            return Answer.error(503, "ServiceUnavailable", "The service is unavailable.");
        }
        var login = exchange.getRequestHeaders().getFirst("Authorization");
        if (login == null || !"https://vault.azure.net".equals(audiences.get(login.replaceFirst("^Bearer ", "")))) {
            exchange.getResponseHeaders()
                    .set("WWW-Authenticate", "Bearer authorization=\"" + endpoint() + "/" + TENANT + "\", resource=\"https://vault.azure.net\"");
            return Answer.error(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.");
        }
        // /keys/<name>/<version>/<operation>
        var parts = path.split("/");
        var key = parts.length == 5 && parts[3].equals(VERSION) ? keys.get(parts[2]) : null;
        return key == null
                ? Answer.error(404, "KeyNotFound", "A key with (name/id) was not found in this key vault.")
                : use(key, parts[4], body, endpoint() + "/keys/" + parts[2] + "/" + VERSION);
    }

    private Answer token(String body) {
        var form = new HashMap<String, String>();
        for (var pair : body.split("&")) {
            int equals = pair.indexOf('=');
            form.put(pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        if (!CLIENT.equals(form.get("client_id")) || !SECRET.equals(form.get("client_secret"))) {
            return new Answer(401, Map.of(
                    "error", "invalid_client", "error_description", "AADSTS7000215: Invalid client secret provided."));
        }
        var scope = Arrays.stream(form.get("scope").split(" ")).filter(word -> word.endsWith("/.default")).findFirst().orElseThrow();
        var audience = scope.replaceFirst("/+\\.default$", "");
        long now = System.currentTimeMillis() / 1000;
        var claims = Map.of(
                "iss", "https://sts.windows.net/" + TENANT + "/", "aud", audience, "nbf", now - 60, "iat", now - 60, "exp", now + 3600,
                "tid", TENANT, "oid", CLIENT, "sub", CLIENT, "jti", UUID.randomUUID().toString());
        var token = base64(JSON.writeValueAsBytes(Map.of("alg", "RS256", "typ", "JWT"))) + "." + base64(JSON.writeValueAsBytes(claims)) + "."
                + base64(new byte[256]);
        audiences.put(token, audience);
        return new Answer(200, Map.of("token_type", "Bearer", "expires_in", 3599, "ext_expires_in", 3599, "access_token", token));
    }

    private static Answer use(KeyPair key, String operation, String body, String id) throws GeneralSecurityException {
        var request = JSON.readTree(body);
        if (!request.path("alg").asString("").equals("RSA-OAEP-256")) {
            return Answer.error(400, "BadParameter", "Algorithm not supported");
        }
        var cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        switch (operation) {
            case "encrypt" -> cipher.init(Cipher.ENCRYPT_MODE, key.getPublic(), OAEP_256);
            case "decrypt" -> cipher.init(Cipher.DECRYPT_MODE, key.getPrivate(), OAEP_256);
            default -> throw new IllegalArgumentException(operation);
        }
        var value = cipher.doFinal(Base64.getUrlDecoder().decode(request.path("value").asString("")));
        return new Answer(200, Map.of("kid", id, "value", base64(value)));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
