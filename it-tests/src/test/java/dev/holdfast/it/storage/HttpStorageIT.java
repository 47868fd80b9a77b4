package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.storage.ExternalIoPolicy;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.StorageContract;
import dev.holdfast.engine.storage.StorageKind;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.storage.http.HttpProvider;
import dev.holdfast.it.storage.server.FaultyServer;
import dev.holdfast.it.storage.server.FaultyServer.Fault;
import dev.holdfast.it.storage.server.WebDavServer;
import dev.holdfast.it.support.TestCertificate;
import dev.holdfast.it.support.TestCloudSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A WebDAV server over TLS, with a password, and with a network that fails. */
class HttpStorageIT extends StorageContract {
    private static final TestCloudSettings SETTINGS = TestCloudSettings.DEFAULT.within(Duration.ofSeconds(2));

    @TempDir
    private static Path directory;

    private static TestCertificate certificate;
    private static WebDavServer secure;
    private static WebDavServer plain;
    private static int places;

    @BeforeAll
    static void start() throws Exception {
        certificate = TestCertificate.create(directory);
        secure = WebDavServer.start(directory.resolve("secure"), Optional.of(certificate));
        plain = WebDavServer.start(directory.resolve("plain"), Optional.empty());
    }

    @AfterAll
    static void stop() throws Exception {
        secure.close();
        plain.close();
    }

    private static ExternalStorage open(String uri, TestCloudSettings settings, Map<String, String> environment) throws IOException {
        var provider = new HttpProvider(ExternalIoPolicy.OPEN, settings, environment);
        return new Storages(Map.of(StorageKind.HTTP, provider), ExternalIoPolicy.OPEN, Storages.StorageLimits.NONE, name -> null).open(StorageUri.parse(uri));
    }

    private static String plainUri(int port) {
        return "http://" + WebDavServer.LOGIN + "@127.0.0.1:" + port + "/place" + ++places;
    }

    @Override
    protected ExternalStorage open() throws IOException {
        return open(
                "https://" + WebDavServer.LOGIN + "@localhost:" + secure.port() + "/place" + ++places + "/deeper",
                SETTINGS.trusting(certificate.pem()),
                Map.of());
    }

    /** HTTP has no way to insist: a server may ignore If-None-Match, or look at it too early. */
    @Override
    protected boolean createsExclusively() {
        return false;
    }

    @Test
    void saysWhatIsWrongWithALogin() {
        assertThatThrownBy(() -> open("http://dav:CANARY-wrong@127.0.0.1:" + plain.port() + "/x", SETTINGS, Map.of()).size("a"))
                .isInstanceOf(HoldfastException.class)
                .hasMessageContaining("status 401")
                .hasMessageContaining("dav:redacted@")
                .hasMessageNotContaining("CANARY");
    }

    @Test
    void trustsNobodyUnknown() {
        assertThatThrownBy(() -> open("https://x@localhost:" + secure.port() + "/x", SETTINGS, Map.of()).size("a"))
                .hasMessageContaining("PKIX path building failed");
    }

    @ParameterizedTest
    @CsvSource({"REFUSE", "UNAVAILABLE", "CUT", "STALL"})
    void everySecondConnectionFails(Fault fault) throws Exception {
        var bytes = new byte[300_000];
        new Random(1).nextBytes(bytes);
        try (var faulty = FaultyServer.inFrontOf(plain.port(), n -> n % 2 == 0 ? fault : Fault.NONE);
                var storage = open(plainUri(faulty.port()), SETTINGS, Map.of())) {
            try (var writer = storage.write("dir/x")) {
                writer.write(bytes, 0, bytes.length);
                writer.commit();
            }
            for (int i = 0; i < 3; i++) {
                try (var in = storage.read("dir/x", 1000)) {
                    assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(bytes, 1000, bytes.length));
                }
            }
            assertThat(faulty.connections()).isGreaterThan(1);
        }
    }

    @Test
    void aNetworkThatIsDownIsAnErrorInTheEnd() throws Exception {
        try (var faulty = FaultyServer.inFrontOf(plain.port(), n -> Fault.UNAVAILABLE);
                var storage = open(plainUri(faulty.port()), SETTINGS, Map.of())) {
            assertThatThrownBy(() -> storage.read("x")).isInstanceOf(IOException.class).hasMessageContaining("status 503");
            assertThat(faulty.connections()).isBetween(2, 10);
        }
    }

    @Test
    void goesThroughTheProxyOfTheEnvironment() throws Exception {
        try (var proxy = FaultyServer.inFrontOf(plain.port(), n -> Fault.NONE)) {
            var environment = Map.of("HTTP_PROXY", "http://127.0.0.1:" + proxy.port(), "NO_PROXY", "localhost,.internal");
            try (var storage = open("http://" + WebDavServer.LOGIN + "@storage.example:" + plain.port() + "/p", SETTINGS, environment)) {
                assertThat(storage.size("nothing")).isEmpty();
                assertThat(proxy.connections()).isEqualTo(1);
            }
            try (var storage = open("http://" + WebDavServer.LOGIN + "@localhost:" + plain.port() + "/p", SETTINGS, environment)) {
                assertThat(storage.size("nothing")).isEmpty();
                assertThat(proxy.connections()).isEqualTo(1);
            }
        }
    }

    @Test
    void cannotList() throws Exception {
        assertThatThrownBy(() -> open().list("")).hasMessage("http storage does not support listing");
        var closed = new HttpProvider(new ExternalIoPolicy(true, false, false), SETTINGS, Map.of());
        assertThatThrownBy(() -> closed.check(StorageUri.parse("http://host/x"))).hasMessage("external http access disabled");
        assertThatThrownBy(() -> open("http://host/x?PARAMETER=1", SETTINGS, Map.of()))
                .hasMessage("unknown HTTP query parameters: PARAMETER");
    }
}
