package dev.holdfast.server.start;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;

/** The certificate that clients see: the configured one, or one that the first start makes. */
final class ClientTls {
    private ClientTls() {}

    static SslContext context(Options options, Store store, SecureRandom random) throws IOException {
        Path certificate;
        Path key;
        if (options.tlsCertificate().isPresent()) {
            certificate = options.tlsCertificate().get();
            key = options.tlsKey().orElse(certificate);
        } else {
            new CertificateMaker(random)
                    .makeMissing(store.certificates(), options.listen().getHostString());
            certificate = store.certificates().resolve("node.crt");
            key = store.certificates().resolve("node.key");
        }
        try {
            return SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    // Clients that begin with TLS name the protocol; those that ask first do not.
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            "postgresql"))
                    .build();
        } catch (IOException | IllegalArgumentException e) {
            throw HoldfastException.of(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "cannot use TLS certificate " + certificate + " with key " + key + ": " + e.getMessage(),
                    e);
        }
    }
}
