package dev.holdfast.it.storage.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import dev.holdfast.engine.cloud.CloudEndpoints;
import dev.holdfast.engine.cloud.azure.AzureSession;
import dev.holdfast.it.support.Program;
import dev.holdfast.it.support.TestCertificate;
import dev.holdfast.it.support.TestCloudSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Microsoft's emulator of blob storage, over TLS, with the container "container". It knows account keys and tokens. */
public final class Azurite implements AutoCloseable {
    public static final String ACCOUNT = "testaccount";

    private static final String KEY = "CANARY+azure/" + "A".repeat(73) + "==";
    private static final long START_SECONDS = 60;

    private final Process process;
    private final Path output;
    private final int port;

    private Azurite(Process process, Path output, int port) {
        this.process = process;
        this.output = output;
        this.port = port;
    }

    private static Path main() {
        return Path.of(
                System.getProperty("user.home"), ".cache", "holdfast-test", "node", "node_modules", "azurite", "dist", "src", "blob", "main.js");
    }

    public static boolean isInstalled() {
        return Files.exists(main());
    }

    /** {@code .ci/run} installs it; where it is not, the test is skipped. */
    public static Azurite start(TestCertificate certificate) throws Exception {
        assumeTrue(isInstalled(), "Azurite is not installed; .ci/run installs it");
        int port = freePort();
        var output = Files.createTempFile("azurite", ".out");
        var process = Program.require("node")
                .with("AZURITE_ACCOUNTS", ACCOUNT + ":" + KEY)
                .start(
                        output,
                        main().toString(), "--blobHost", "127.0.0.1", "--blobPort", Integer.toString(port), "--inMemoryPersistence",
                        "--disableTelemetry", "--skipApiVersionCheck", "--oauth", "basic", "--cert", certificate.keyStore().toString(),
                        "--pwd", TestCertificate.PASSWORD, "--silent");
        var azurite = new Azurite(process, output, port);
        try {
            azurite.awaitStart();
            var http = new AzureSession(TestCloudSettings.DEFAULT.trusting(certificate.pem()), CloudEndpoints.PUBLIC, Map.of()).http();
            new BlobContainerClientBuilder()
                    .endpoint(azurite.endpoint().replace("{account}", ACCOUNT))
                    .containerName("container")
                    .credential(new StorageSharedKeyCredential(ACCOUNT, KEY))
                    .httpClient(http)
                    .buildClient()
                    .create();
            return azurite;
        } catch (IOException | RuntimeException e) {
            azurite.close();
            throw e;
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitStart() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (true) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new IOException("Azurite did not start: " + Files.readString(output), e);
                }
                Thread.sleep(100);
            }
        }
    }

    public int port() {
        return port;
    }

    public String endpoint() {
        return endpoint(port);
    }

    /** As the configuration has it; {@code throughPort} of what stands in front of it. */
    public static String endpoint(int throughPort) {
        return "https://127.0.0.1:" + throughPort + "/{account}";
    }

    public static String parameters() {
        return "AZURE_ACCOUNT_NAME=" + ACCOUNT + "&AZURE_ACCOUNT_KEY=" + URLEncoder.encode(KEY, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        Files.deleteIfExists(output);
    }
}
