package dev.holdfast.server.tls;

import dev.holdfast.engine.cluster.embedded.Directories;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How Holdfast vouches to the embedded PostgreSQL for a client that has proved itself by a certificate: by one of its own
 * that names the role, signed by an authority that nobody else has.
 */
public final class RoleCertificates {
    private static final int KEPT = 200;

    private final Path directory;
    private final CertificateAuthority authority;

    /** Making keys takes longer than logging in. */
    private final Map<String, SslContext> contexts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, SslContext> eldest) {
            return size() > KEPT;
        }
    };

    private RoleCertificates(Path directory, CertificateAuthority authority) {
        this.directory = directory;
        this.authority = authority;
    }

    public static RoleCertificates open(Path directory, SecureRandom random) throws IOException {
        var authority = CertificateAuthority.open(directory, "Holdfast roles", random);
        var certificate = directory.resolve("server.crt");
        if (!Files.exists(certificate)) {
            var issued = authority.issueServer(List.of("127.0.0.1", "localhost"));
            Directories.writeSecret(directory.resolve("server.key"), issued.keyPem());
            Directories.writeSecret(certificate, issued.certificatePem());
        }
        return new RoleCertificates(directory, authority);
    }

    /** Where the files are that the embedded PostgreSQL needs. */
    public Path directory() {
        return directory;
    }

    /** As PostgreSQL settings. */
    public Map<String, String> settings() {
        return Map.of(
                "ssl", "on",
                "ssl_cert_file", directory.resolve("server.crt").toString(),
                "ssl_key_file", directory.resolve("server.key").toString(),
                "ssl_ca_file", directory.resolve("ca.crt").toString());
    }

    public synchronized SslContext contextFor(String role) throws IOException {
        var context = contexts.get(role);
        if (context == null) {
            var issued = authority.issueClient(role);
            context = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .keyManager(issued.key(), issued.certificate(), authority.certificate())
                    .trustManager(authority.certificate())
                    .build();
            contexts.put(role, context);
        }
        return context;
    }
}
