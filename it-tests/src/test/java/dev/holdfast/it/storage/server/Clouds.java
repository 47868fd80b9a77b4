package dev.holdfast.it.storage.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestCertificate;
import dev.holdfast.it.support.TestHoldfast;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A server of every kind of storage and of KMS there is, and what a Holdfast has to know to use them. */
public record Clouds(
        TestCertificate certificate,
        WebDavServer webdav,
        S3Server s3,
        GoogleServer google,
        AzureServer azure,
        Optional<Azurite> azurite,
        AwsKmsServer east,
        AwsKmsServer west)
        implements AutoCloseable {
    /** What cannot be listed cannot be written once and for all. */
    public static final List<String> SCHEMES = Stream.of("nodelocal", "userfile", "https", "s3", "gs", "azure-blob")
            .filter(scheme -> !scheme.equals("https") || !TestHoldfast.WRITE_ONCE)
            .toList();

    public static Clouds start(Path directory) throws Exception {
        var certificate = TestCertificate.create(directory);
        return new Clouds(
                certificate,
                WebDavServer.start(directory.resolve("dav"), Optional.of(certificate)),
                S3Server.start(certificate),
                GoogleServer.start(),
                AzureServer.start(certificate, "vaulted"),
                Azurite.isInstalled() ? Optional.of(Azurite.start(certificate)) : Optional.empty(),
                AwsKmsServer.start("us-east-1", "eastern"),
                AwsKmsServer.start("us-west-2", "western"));
    }

    /** Trusts this machine. */
    public TestHoldfast holdfast() throws Exception {
        var blobs = azurite.map(Azurite::endpoint).orElse("");
        return TestHoldfast.configured(google.configuration() + azure.configuration(blobs), "root", "--insecure");
    }

    /** What can be said to a Holdfast only when it runs. */
    public void introduce(Connection connection) throws SQLException {
        Sessions.execute(
                connection,
                "SET CLUSTER SETTING cloudstorage.http.custom_ca = '" + certificate.pem() + "'",
                "SET CLUSTER SETTING cloudstorage.timeout = '10s'");
    }

    /** The test is skipped where there is no server of the scheme. */
    public String place(String scheme, String path) {
        assumeTrue(!scheme.startsWith("azure") || azurite.isPresent(), "Azurite is not installed; .ci/run installs it");
        return switch (scheme) {
            case "nodelocal" -> "nodelocal://1/" + path;
            case "userfile" -> "userfile:///" + path;
            case "https" -> "https://" + WebDavServer.LOGIN + "@localhost:" + webdav.port() + "/" + path;
            case "s3" -> "s3://bucket/" + path + "?" + s3.secureParameters();
            case "gs" -> "gs://bucket/" + path + "?CREDENTIALS=" + google.credentials();
            default -> scheme + "://container/" + path + "?" + Azurite.parameters();
        };
    }

    public String googleKey() {
        return "gcp-kms:///projects/p/locations/l/keyRings/r/cryptoKeys/key?CREDENTIALS=" + google.credentials();
    }

    @Override
    public void close() throws Exception {
        webdav.close();
        s3.close();
        google.close();
        azure.close();
        if (azurite.isPresent()) {
            azurite.get().close();
        }
        east.close();
        west.close();
    }
}
