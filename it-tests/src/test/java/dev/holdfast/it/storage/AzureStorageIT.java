package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.cloud.CloudEndpoints;
import dev.holdfast.engine.crypto.kms.AzureKmsProvider;
import dev.holdfast.engine.crypto.kms.KeyServices;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.StorageContract;
import dev.holdfast.engine.storage.StorageKind;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.storage.azure.AzureProvider;
import dev.holdfast.it.storage.server.AzureServer;
import dev.holdfast.it.storage.server.Azurite;
import dev.holdfast.it.storage.server.FaultyServer;
import dev.holdfast.it.storage.server.FaultyServer.Fault;
import dev.holdfast.it.support.TestCertificate;
import dev.holdfast.it.support.TestCloudSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Azure's blobs and Key Vault, over TLS, with account keys and with an application's secret, and with a network that fails. */
class AzureStorageIT extends StorageContract {
    @TempDir
    private static Path directory;

    private static Azurite azurite;
    private static AzureServer azure;
    private static TestCloudSettings settings;
    private static int places;

    @BeforeAll
    static void start() throws Exception {
        var certificate = TestCertificate.create(directory);
        settings = TestCloudSettings.DEFAULT.trusting(certificate.pem()).within(Duration.ofSeconds(3));
        azurite = Azurite.start(certificate);
        azure = AzureServer.start(certificate, "alpha", "beta");
    }

    @AfterAll
    static void stop() throws Exception {
        if (azurite != null) {
            azurite.close();
            azure.close();
        }
    }

    private static CloudEndpoints endpoints(int port) {
        return new CloudEndpoints("", "", "", Azurite.endpoint(port), azure.endpoint(), azure.endpoint());
    }

    private static ExternalStorage open(String uri, int port, ExternalIoPolicy policy, Map<String, String> environment) throws IOException {
        var provider = new AzureProvider(policy, settings, endpoints(port), environment);
        return new Storages(Map.of(StorageKind.AZURE, provider), ExternalIoPolicy.OPEN, Storages.StorageLimits.NONE, name -> null).open(StorageUri.parse(uri));
    }

    private static ExternalStorage open(String uri) throws IOException {
        return open(uri, azurite.port(), ExternalIoPolicy.OPEN, Map.of());
    }

    private static String place() {
        return "azure-blob://container/place" + ++places;
    }

    @Override
    protected ExternalStorage open() throws IOException {
        return open(place() + "/deeper?" + Azurite.parameters());
    }

    @Test
    void allWaysToLogIn() throws Exception {
        var file = Files.writeString(directory.resolve("credentials.yaml"), AzureServer.yaml());
        var machine = Map.of("COCKROACH_AZURE_APPLICATION_CREDENTIALS_FILE", file.toString());
        var account = "AZURE_ACCOUNT_NAME=" + Azurite.ACCOUNT;
        for (var storage : new ExternalStorage[] {
            open(place().replace("azure-blob", "azure") + "?" + Azurite.parameters()),
            open(place().replace("azure-blob", "azure-storage") + "?AUTH=specified&" + account + "&" + AzureServer.login()),
            open(place() + "?AUTH=implicit&" + account, azurite.port(), ExternalIoPolicy.OPEN, machine)
        }) {
            try (storage) {
                assertThat(storage.putIfAbsent("x", new byte[] {1})).isTrue();
                assertThat(storage.list("")).containsExactly("x");
            }
        }
        assertThatThrownBy(() -> open(place() + "?AUTH=implicit&" + account, azurite.port(), new ExternalIoPolicy(false, true, false), machine))
                .hasMessage("implicit credentials disallowed for azure due to --external-io-disable-implicit-credentials flag");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            azure-blob:///x                                      | empty host component; azure URI must specify a target container
            azure-blob://c/x?AZURE_ACCOUNT_KEY=k                 | azure uri missing "AZURE_ACCOUNT_NAME" parameter
            azure-blob://c/x?AZURE_ACCOUNT_NAME=a&AUTH=implict   | unsupported value implict for AUTH
            azure-blob://c/x?AZURE_ACCOUNT_NAME=a&Y=1&Z=2        | unknown azure query parameters: Y, Z
            azure-blob://c/x?AZURE_ACCOUNT_NAME=a&AZURE_ACCOUNT_KEY=k&AZURE_ENVIRONMENT=MOON | unknown AZURE_ENVIRONMENT: "MOON"
            """)
    void refusesWhatItDoesNotUnderstand(String uri, String message) {
        assertThatThrownBy(() -> open(uri)).hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"''", "&AZURE_ACCOUNT_KEY=k&AZURE_CLIENT_ID=c", "&AZURE_CLIENT_ID=c&AZURE_TENANT_ID=t", "&AUTH=specified"})
    void wantsExactlyOneWayToLogIn(String parameters) {
        assertThatThrownBy(() -> open("azure-blob://c/x?AZURE_ACCOUNT_NAME=a" + parameters))
                .hasMessage("explicit azure uri requires exactly one authentication method: \"AZURE_ACCOUNT_KEY\" OR all three of"
                        + " \"AZURE_TENANT_ID\", \"AZURE_CLIENT_ID\", and \"AZURE_CLIENT_SECRET\"");
    }

    @Test
    void saysWhatIsWrong() {
        var wrongKey = place() + "?AZURE_ACCOUNT_NAME=" + Azurite.ACCOUNT + "&AZURE_ACCOUNT_KEY=CANARY" + "A".repeat(80) + "%3D%3D";
        assertThatThrownBy(() -> open(wrongKey).list(""))
                .isInstanceOfSatisfying(HoldfastException.class, e -> assertThat(e.hint().orElseThrow()).contains("AZURE_ACCOUNT_KEY is wrong"))
                .hasMessageContaining("AZURE_ACCOUNT_KEY=redacted")
                .hasMessageNotContaining("CANARY");
        assertThatThrownBy(() -> open("azure-blob://nosuch/x?" + Azurite.parameters()).list(""))
                .isInstanceOfSatisfying(HoldfastException.class, e -> assertThat(e.hint().orElseThrow()).contains("Create the container"))
                .hasMessageContaining("ContainerNotFound")
                .hasMessageNotContaining("CANARY");
        var wrongSecret = AzureServer.login() + "-wrong";
        assertThatThrownBy(() -> open(place() + "?AZURE_ACCOUNT_NAME=" + Azurite.ACCOUNT + "&" + wrongSecret).list(""))
                .isInstanceOfSatisfying(HoldfastException.class, e -> assertThat(e.hint().orElseThrow()).contains("AZURE_CLIENT_SECRET"))
                .hasMessageContaining("AADSTS7000215: Invalid client secret provided.")
                .hasMessageNotContaining("CANARY");
        assertThatThrownBy(() -> open(place() + "?AZURE_ACCOUNT_NAME=a&AZURE_ACCOUNT_KEY=CANARY*"))
                .hasMessage("azure uri has an \"AZURE_ACCOUNT_KEY\" that is not base64");
    }

    /** Below TLS, where an answer of 503 is noise. */
    @ParameterizedTest
    @CsvSource({"REFUSE", "UNAVAILABLE", "CUT", "STALL"})
    void everySecondConnectionFails(Fault fault) throws Exception {
        try (var faulty = FaultyServer.inFrontOf(azurite.port(), n -> n % 2 == 0 ? fault : Fault.NONE);
                var storage = open(place() + "?" + Azurite.parameters(), faulty.port(), ExternalIoPolicy.OPEN, Map.of())) {
            UnsteadyNetwork.writeAndRead(storage);
        }
    }

    // ---- Key Vault ----

    private static KeyServices keyServices() {
        var provider = new AzureKmsProvider(ExternalIoPolicy.OPEN, settings, endpoints(azurite.port()), Map.of());
        return new KeyServices(Map.of("azure-kms", provider), name -> null);
    }

    @Test
    void theKmsDecryptsWhatItHasEncrypted() throws Exception {
        var services = keyServices();
        var plain = "thirty-two bytes of a data key..".getBytes(StandardCharsets.US_ASCII);
        var encrypted = services.encrypt(AzureServer.kms("alpha"), plain);
        assertThat(services.decrypt(AzureServer.kms("alpha"), encrypted)).isEqualTo(plain);
        // The key's name is what counts.
        assertThat(services.masterKey(AzureServer.kms("alpha"))).isEqualTo(services.masterKey("azure-kms:///alpha/other?AZURE_VAULT_NAME=other&"
                + AzureServer.login()));
        services.probe(AzureServer.kms("beta"));
        assertThatThrownBy(() -> services.decrypt(AzureServer.kms("beta"), encrypted))
                .isInstanceOf(HoldfastException.class)
                .hasMessageContaining("azure kms: cannot decrypt: ");
        assertThatThrownBy(() -> services.encrypt(AzureServer.kms("nosuch"), plain)).hasMessageContaining("(status 404)");
        assertThatThrownBy(() -> services.encrypt(AzureServer.kms("alpha") + "-wrong", plain))
                .hasMessageContaining("AADSTS7000215")
                .hasMessageNotContaining("CANARY");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            azure-kms:///k/v?AZURE_VAULT_NAME=v&AZURE_CLIENT_ID=c | kms explicit auth URI expected but did not receive: AZURE_TENANT_ID, AZURE_CLIENT_SECRET
            azure-kms:///k/v?AUTH=implicit&AZURE_VAULT_NAME=v&AZURE_CLIENT_ID=c | kms implicit auth URI does not support: AZURE_CLIENT_ID
            azure-kms:///k/v?AUTH=implicit | kms URI expected but did not receive: AZURE_VAULT_NAME
            azure-kms:///k?AUTH=implicit&AZURE_VAULT_NAME=v | azure kms key must be of form 'id/version'
            azure-kms:///k/v?AUTH=implicit&AZURE_VAULT_NAME=v&X=y | unknown KMS query parameters: X
            """)
    void refusesKeysItDoesNotUnderstand(String uri, String message) {
        assertThatThrownBy(() -> keyServices().masterKey(uri)).hasMessage(message);
    }
}
