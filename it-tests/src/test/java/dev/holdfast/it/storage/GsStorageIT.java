package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.cloud.CloudEndpoints;
import dev.holdfast.engine.crypto.kms.GoogleKmsProvider;
import dev.holdfast.engine.crypto.kms.KeyServices;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.StorageContract;
import dev.holdfast.engine.storage.StorageKind;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.storage.gs.GsProvider;
import dev.holdfast.it.storage.server.FaultyServer;
import dev.holdfast.it.storage.server.FaultyServer.Fault;
import dev.holdfast.it.storage.server.GoogleServer;
import dev.holdfast.it.support.TestCloudSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Google Cloud Storage and Google's KMS, with service accounts whose signatures are checked, and with a network that fails. */
class GsStorageIT extends StorageContract {
    private static final TestCloudSettings SETTINGS = TestCloudSettings.DEFAULT.within(Duration.ofSeconds(2));

    private static GoogleServer server;
    private static int places;

    @BeforeAll
    static void start() throws Exception {
        server = GoogleServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static ExternalStorage open(String uri, int port, TestCloudSettings settings, Map<String, String> environment) throws IOException {
        var endpoints = new CloudEndpoints("http://127.0.0.1:" + port, server.endpoint(), server.endpoint(), "", "", "");
        var provider = new GsProvider(ExternalIoPolicy.OPEN, settings, endpoints, environment);
        return new Storages(Map.of(StorageKind.GS, provider), ExternalIoPolicy.OPEN, Storages.StorageLimits.NONE, name -> null).open(StorageUri.parse(uri));
    }

    private static ExternalStorage open(String uri) throws IOException {
        return open(uri, server.port(), SETTINGS, Map.of());
    }

    private static String place() {
        return "gs://bucket/place" + ++places;
    }

    @Override
    protected ExternalStorage open() throws IOException {
        return open(place() + "/deeper?CREDENTIALS=" + server.credentials());
    }

    @Test
    void allWaysToLogIn(@TempDir Path directory) throws Exception {
        var json = new String(Base64.getDecoder().decode(StorageUri.decode(server.credentials(), false)), StandardCharsets.UTF_8);
        var file = Files.writeString(directory.resolve("key.json"), json);
        var withDefault = new TestCloudSettings("", Duration.ofSeconds(2), json);
        var machine = Map.of("GOOGLE_APPLICATION_CREDENTIALS", file.toString());
        for (var storage : new ExternalStorage[] {
            open(place() + "?AUTH=specified&CREDENTIALS=" + server.credentials()),
            open(place() + "?ASSUME_ROLE=role@project.example&CREDENTIALS=" + server.credentials()),
            open(place() + "?ASSUME_ROLE=between@project.example,role@project.example&CREDENTIALS=" + server.credentials()),
            open(place() + "?BEARER_TOKEN=" + GoogleServer.TOKEN),
            open(place() + "?AUTH=implicit", server.port(), SETTINGS, machine),
            open(place(), server.port(), SETTINGS, machine),
            open(place() + "?AUTH=default", server.port(), withDefault, Map.of()),
            open(place(), server.port(), withDefault, Map.of())
        }) {
            try (storage) {
                assertThat(storage.putIfAbsent("x", new byte[] {1})).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gs:///x                             | empty host component; gs URI must specify a target bucket
            gs://b/x?AUTH=specified             | CREDENTIALS must be set unless "AUTH" is "implicit"
            gs://b/x?AUTH=implict               | unsupported value implict for AUTH
            gs://b/x?CREDENTIALS=CANARY{        | decoding value of CREDENTIALS: it is not base64
            gs://b/x?AUTH=implicit&Y=1&Z=2      | unknown GS query parameters: Y, Z
            """)
    void refusesWhatItDoesNotUnderstand(String uri, String message) {
        assertThatThrownBy(() -> open(uri)).hasMessage(message);
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> open(place() + "?BEARER_TOKEN=CANARY-expired").list(""))
                .isInstanceOfSatisfying(HoldfastException.class, e -> assertThat(e.hint().orElseThrow()).contains("expired"))
                .hasMessageContaining("Invalid Credentials (status 401)")
                .hasMessageContaining("BEARER_TOKEN=redacted")
                .hasMessageNotContaining("CANARY");
        assertThatThrownBy(() -> open("gs://nosuch/x?BEARER_TOKEN=" + GoogleServer.TOKEN).list(""))
                .isInstanceOfSatisfying(HoldfastException.class, e -> assertThat(e.hint().orElseThrow()).contains("Create the bucket"))
                .hasMessageContaining("The specified bucket does not exist");
        assertThatThrownBy(() -> open(place() + "?CREDENTIALS=" + Base64.getEncoder().encodeToString("{}".getBytes())).list(""))
                .hasMessage("the credentials are no JSON key of a service account");
        assertThatThrownBy(() -> open(place() + "?AUTH=default").list("")).hasMessage("expected settings value for cloudstorage.gs.default.key");
        assertThatThrownBy(() -> open(place() + "?ASSUME_ROLE=stranger@project.example&CREDENTIALS=" + server.credentials()).list(""))
                .hasMessageContaining("cannot get an access token: Permission 'iam.serviceAccounts.getAccessToken' denied");
    }

    /** Credentials that are not in the URI are the machine's: some servers do not lend them to their users. */
    @Test
    void implicitCredentialsCanBeForbidden() {
        var policy = new ExternalIoPolicy(false, true, false);
        var storage = new GsProvider(policy, SETTINGS, CloudEndpoints.PUBLIC, Map.of());
        var kms = new GoogleKmsProvider(policy, SETTINGS, CloudEndpoints.PUBLIC, Map.of());
        for (var parameters : new String[] {"", "?AUTH=implicit"}) {
            assertThatThrownBy(() -> storage.open(StorageUri.parse("gs://bucket/x" + parameters)))
                    .hasMessage("implicit credentials disallowed for gs due to --external-io-disable-implicit-credentials flag");
            assertThatThrownBy(() -> kms.open(StorageUri.parse("gcp-kms:///key" + parameters)))
                    .hasMessage("implicit credentials disallowed for gcp kms due to --external-io-disable-implicit-credentials flag");
        }
    }

    @ParameterizedTest
    @CsvSource({"REFUSE", "UNAVAILABLE", "CUT", "STALL"})
    void everySecondConnectionFails(Fault fault) throws Exception {
        try (var faulty = FaultyServer.inFrontOf(server.port(), n -> n % 2 == 0 ? fault : Fault.NONE);
                var storage = open(place() + "?BEARER_TOKEN=" + GoogleServer.TOKEN, faulty.port(), SETTINGS, Map.of())) {
            UnsteadyNetwork.writeAndRead(storage);
        }
    }

    @Test
    void theKmsDecryptsWhatItHasEncrypted() throws Exception {
        var endpoints = new CloudEndpoints(server.endpoint(), server.endpoint(), server.endpoint(), "", "", "");
        var provider = new GoogleKmsProvider(ExternalIoPolicy.OPEN, SETTINGS, endpoints, Map.of());
        var services = new KeyServices(Map.of("gcp-kms", provider), name -> null);
        var key = "gcp-kms:///projects/p/locations/l/keyRings/r/cryptoKeys/";
        var login = "?CREDENTIALS=" + server.credentials();
        var plain = "thirty-two bytes of a data key..".getBytes(StandardCharsets.US_ASCII);
        var encrypted = services.encrypt(key + "a" + login, plain);
        assertThat(services.decrypt(key + "a" + login, encrypted)).isEqualTo(plain);
        assertThat(services.masterKey(key + "a/cryptoKeyVersions/3" + login)).isEqualTo(services.masterKey(key + "a" + login));
        services.probe(key + "b" + login);
        assertThatThrownBy(() -> services.decrypt(key + "b" + login, encrypted)).isInstanceOf(HoldfastException.class);
        assertThatThrownBy(() -> services.encrypt(key + "nosuch" + login, plain)).hasMessageContaining("/nosuch not found");
        assertThatThrownBy(() -> services.encrypt(key + "a?BEARER_TOKEN=CANARY-old", plain))
                .hasMessageContaining("Invalid Credentials")
                .hasMessageNotContaining("CANARY");
    }
}
