package dev.holdfast.it.storage.server;

import dev.holdfast.it.support.TestCertificate;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;

/** S3Proxy in memory, for one identity, with the bucket "bucket", over HTTP and TLS. */
public final class S3Server implements AutoCloseable {
    public static final String KEY_ID = "testkey";
    /** With what has to be percent-encoded in it. */
    public static final String SECRET = "CANARY/secret+of=s3";

    private final S3Proxy proxy;

    private S3Server(S3Proxy proxy) {
        this.proxy = proxy;
    }

    public static S3Server start(TestCertificate certificate) throws Exception {
        return start(certificate, new TransientNio2BlobStore());
    }

    public static S3Server start(TestCertificate certificate, BlobStore store) throws Exception {
        store.createContainer("bucket");
        var proxy = S3Proxy.builder()
                .blobStore(store)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .secureEndpoint(URI.create("https://127.0.0.1:0"))
                .keyStore(certificate.keyStore().toString(), TestCertificate.PASSWORD)
                .awsAuthentication(AuthenticationType.AWS_V4, KEY_ID, SECRET)
                .build();
        proxy.start();
        return new S3Server(proxy);
    }

    public int port() {
        return proxy.getPort();
    }

    public int securePort() {
        return proxy.getSecurePort();
    }

    /** Parameters that lead to the port of this server, or of what stands in front of it. */
    public static String parameters(String endpoint) {
        return "AWS_ENDPOINT=" + encoded(endpoint) + "&AWS_ACCESS_KEY_ID=" + KEY_ID + "&AWS_SECRET_ACCESS_KEY=" + encoded(SECRET);
    }

    public String secureParameters() {
        return parameters("https://localhost:" + securePort());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws Exception {
        proxy.stop();
    }
}
