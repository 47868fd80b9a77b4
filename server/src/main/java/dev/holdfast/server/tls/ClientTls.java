package dev.holdfast.server.tls;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * TLS as clients see it: with the configured certificate, or with one that the first start makes. Read again on demand; what
 * is established stays as it is.
 */
public final class ClientTls {
    private final Path certificate;
    private final Path key;
    private final Path clientAuthorities;
    private volatile SslContext context;

    private ClientTls(Path certificate, Path key, Path clientAuthorities) {
        this.certificate = certificate;
        this.key = key;
        this.clientAuthorities = clientAuthorities;
    }

    /** {@code clientAuthorities}: PEM of who may sign certificates of clients. */
    public static ClientTls configured(Path certificate, Optional<Path> key, Optional<Path> clientAuthorities) {
        var tls = new ClientTls(certificate, key.orElse(certificate), clientAuthorities.orElse(null));
        tls.reload();
        return tls;
    }

    /** Makes an authority and a certificate in {@code directory} unless they are there. */
    public static ClientTls generated(
            Path directory, String listenHost, Optional<Path> clientAuthorities, SecureRandom random) throws IOException {
        var authority = CertificateAuthority.open(directory, "Holdfast CA", random);
        var certificate = directory.resolve("node.crt");
        var key = directory.resolve("node.key");
        if (!Files.exists(certificate)) {
            var issued = authority.issueServer(names(listenHost));
            Directories.writeSecret(key, issued.keyPem());
            // Last: its presence says that the key is there too.
            Directories.writeSecret(certificate, issued.certificatePem() + authority.certificatePem());
        }
        var tls = new ClientTls(certificate, key, clientAuthorities.orElse(directory.resolve("ca.crt")));
        tls.reload();
        return tls;
    }

    private static Set<String> names(String listenHost) {
        Set<String> hosts = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
        if (!listenHost.equals("0.0.0.0") && !listenHost.equals("::")) {
            hosts.add(listenHost);
        }
        try {
            hosts.add(InetAddress.getLocalHost().getCanonicalHostName());
        } catch (UnknownHostException e) {
            // A machine that does not know its own name is reached by another one.
        }
        return hosts;
    }

    public SslContext context() {
        return context;
    }

    /** Fails, and leaves what there was, when the files cannot be used. */
    public void reload() {
        try {
            var builder = SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    // Clients that begin with TLS name the protocol; those that ask first do not.
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            "postgresql"));
            if (clientAuthorities != null) {
                builder.trustManager(clientAuthorities.toFile()).clientAuth(ClientAuth.OPTIONAL);
            }
            context = builder.build();
        } catch (IOException | IllegalArgumentException e) {
            throw HoldfastException.of(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "cannot use TLS certificate " + certificate + " with key " + key + ": " + e.getMessage(),
                    e);
        }
    }
}
