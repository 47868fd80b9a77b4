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
import dev.holdfast.engine.storage.s3.S3Provider;
import dev.holdfast.it.storage.server.FaultyServer;
import dev.holdfast.it.storage.server.FaultyServer.Fault;
import dev.holdfast.it.storage.server.S3Server;
import dev.holdfast.it.support.TestCertificate;
import dev.holdfast.it.support.TestCloudSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** S3, over TLS, with credentials that are checked, and with a network that fails. */
class S3StorageIT extends StorageContract {
    private static final TestCloudSettings SETTINGS = TestCloudSettings.DEFAULT.within(Duration.ofSeconds(2));

    @TempDir
    private static Path directory;

    private static TestCertificate certificate;
    private static S3Server server;
    private static int places;

    @BeforeAll
    static void start() throws Exception {
        certificate = TestCertificate.create(directory);
        server = S3Server.start(certificate);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static ExternalStorage open(String uri, TestCloudSettings settings) throws IOException {
        var provider = new S3Provider(ExternalIoPolicy.OPEN, settings);
        return new Storages(Map.of(StorageKind.S3, provider), ExternalIoPolicy.OPEN, Storages.StorageLimits.NONE, name -> null).open(StorageUri.parse(uri));
    }

    private static String plainUri(int port) {
        return "s3://bucket/place" + ++places + "?" + S3Server.parameters("http://127.0.0.1:" + port);
    }

    @Override
    protected ExternalStorage open() throws IOException {
        return open(
                "s3://bucket/place" + ++places + "/deeper?" + server.secureParameters(),
                TestCloudSettings.DEFAULT.trusting(certificate.pem()));
    }

    @Test
    void worksWithoutTheChecksumsOfTheSdkToo() throws Exception {
        try (var storage = open(plainUri(server.port()) + "&AWS_SKIP_CHECKSUM=true&AWS_REGION=eu-central-1", SETTINGS)) {
            var bytes = new byte[9 << 20];
            new Random(1).nextBytes(bytes);
            try (var writer = storage.write("x")) {
                writer.write(bytes, 0, bytes.length);
                writer.commit();
            }
            try (var in = storage.read("x")) {
                assertThat(Arrays.equals(in.readAllBytes(), bytes)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            testkey | CANARY-wrong | bucket | SignatureDoesNotMatch | was not percent-encoded
            nobody  | CANARY-wrong | bucket | InvalidAccessKeyId    | AWS_ACCESS_KEY_ID is not known there
            """)
    void saysWhatIsWrongWithCredentials(String keyId, String secret, String bucket, String code, String hint) {
        var uri = "s3://" + bucket + "/x?AWS_ACCESS_KEY_ID=" + keyId + "&AWS_SECRET_ACCESS_KEY=" + secret + "&AWS_ENDPOINT=http://127.0.0.1:"
                + server.port();
        assertThatThrownBy(() -> open(uri, SETTINGS).list(""))
                .isInstanceOfSatisfying(HoldfastException.class, e -> assertThat(e.hint().orElseThrow()).contains(hint))
                .hasMessageContaining(code)
                .hasMessageContaining("AWS_SECRET_ACCESS_KEY=redacted")
                .hasMessageNotContaining("CANARY");
    }

    @Test
    void saysThatABucketIsMissing() {
        var uri = plainUri(server.port()).replace("s3://bucket/", "s3://nosuch/");
        for (var attempt : new org.assertj.core.api.ThrowableAssert.ThrowingCallable[] {
            () -> open(uri, SETTINGS).list(""),
            () -> open(uri, SETTINGS).read("x"),
            () -> open(uri, SETTINGS).putIfAbsent("x", new byte[1])
        }) {
            assertThatThrownBy(attempt)
                    .isInstanceOfSatisfying(HoldfastException.class, e -> assertThat(e.hint().orElseThrow()).contains("Create the bucket"))
                    .hasMessageContaining("NoSuchBucket");
        }
    }

    @Test
    void trustsNobodyUnknown() {
        assertThatThrownBy(() -> open("s3://bucket/x?" + server.secureParameters(), SETTINGS).list("")).hasMessageContaining("PKIX");
    }

    @Test
    void certificatesNeedNotBeVerified() throws Exception {
        try (var storage = open("s3://bucket/unverified?AWS_SKIP_TLS_VERIFY=true&" + server.secureParameters(), SETTINGS)) {
            assertThat(storage.list("")).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"REFUSE", "UNAVAILABLE", "CUT", "STALL"})
    void everySecondConnectionFails(Fault fault) throws Exception {
        try (var faulty = FaultyServer.inFrontOf(server.port(), n -> n % 2 == 0 ? fault : Fault.NONE);
                var storage = open(plainUri(faulty.port()), SETTINGS)) {
            UnsteadyNetwork.writeAndRead(storage);
        }
    }

    @Test
    void aServiceThatIsDownIsAnErrorInTheEnd() throws Exception {
        try (var faulty = FaultyServer.inFrontOf(server.port(), n -> Fault.UNAVAILABLE);
                var storage = open(plainUri(faulty.port()), SETTINGS)) {
            assertThatThrownBy(() -> storage.list(""))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("status 503")
                    .hasMessageNotContaining("CANARY");
            assertThat(faulty.connections()).isBetween(2, 10);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            s3:///x                                  | empty host component; s3 URI must specify a target bucket
            s3://b/x                                 | AUTH is set to 'specified', but AWS_ACCESS_KEY_ID is not set
            s3://b/x?AWS_ACCESS_KEY_ID=k             | AUTH is set to 'specified', but AWS_SECRET_ACCESS_KEY is not set
            s3://b/x?AUTH=implict                    | unsupported value implict for AUTH
            s3://b/x?AUTH=implicit&aws_region=x&Y=1  | unknown S3 query parameters: Y, aws_region
            s3://b/x?AUTH=implicit&AWS_SERVER_ENC_MODE=x | unsupported server encryption mode x. Supported values are `aws:kms` and `AES256`.
            s3://b/x?AUTH=implicit&AWS_SERVER_ENC_MODE=aws:kms | AWS_SERVER_KMS_ID param must be set when using aws:kms server side encryption mode.
            s3://b/x?AUTH=implicit&ASSUME_ROLE=arn;ext=1 | invalid ASSUME_ROLE: "ext=1", want external_id=...
            s3://b/x?AUTH=implicit&AWS_USE_PATH_STYLE=maybe | invalid value for AWS_USE_PATH_STYLE: "maybe", want true or false
            """)
    void refusesWhatItDoesNotUnderstand(String uri, String message) {
        assertThatThrownBy(() -> new S3Provider(ExternalIoPolicy.OPEN, SETTINGS).check(StorageUri.parse(uri))).hasMessage(message);
    }

    @Test
    void flagsForbid() {
        var forbidding = new S3Provider(new ExternalIoPolicy(true, true, false), SETTINGS);
        assertThatThrownBy(() -> forbidding.check(StorageUri.parse("s3://b/x?AUTH=implicit")))
                .hasMessage("implicit credentials disallowed for s3 due to --external-io-disable-implicit-credentials flag");
        assertThatThrownBy(() -> forbidding.check(
                        StorageUri.parse("s3://b/x?AWS_ACCESS_KEY_ID=k&AWS_SECRET_ACCESS_KEY=s&AWS_ENDPOINT=http://x")))
                .hasMessage("custom endpoints disallowed for s3 due to --external-io-disable-http flag");
    }
}
