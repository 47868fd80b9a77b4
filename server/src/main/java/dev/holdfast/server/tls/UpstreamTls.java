package dev.holdfast.server.tls;

import dev.holdfast.engine.cluster.UpstreamUri;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/**
 * TLS to the upstream as libpq's sslmode defines it: {@code require} encrypts, {@code verify-ca} also checks who signed the
 * server's certificate, {@code verify-full} also that it names the host.
 */
public final class UpstreamTls {
    private final SslContext context;
    private final String host;
    private final int port;
    private final boolean mandatory;

    private UpstreamTls(SslContext context, String host, int port, boolean mandatory) {
        this.context = context;
        this.host = host;
        this.port = port;
        this.mandatory = mandatory;
    }

    /** With certificates of ours on both sides. */
    public static UpstreamTls with(SslContext context, String host, int port) {
        return new UpstreamTls(context, host, port, true);
    }

    public static UpstreamTls of(UpstreamUri uri) {
        var files = uri.tlsFiles();
        var builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        if (files.containsKey("sslcert")) {
            builder.keyManager(new File(files.get("sslcert")), new File(files.getOrDefault("sslkey", files.get("sslcert"))));
        }
        var root = files.get("sslrootcert");
        boolean verifies = uri.tls().compareTo(UpstreamUri.TlsMode.VERIFY_CA) >= 0 || root != null;
        if (!verifies) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        } else if (root == null) {
            throw HoldfastException.of(
                            SqlState.INVALID_PARAMETER_VALUE, "sslmode=" + uri.tls().libpqName() + " needs a root certificate")
                    .withHint("Add sslrootcert=FILE to the upstream URI, or sslrootcert=system for the system's trusted ones.");
        } else if (!root.equals("system")) {
            if (!Files.isReadable(Path.of(root))) {
                throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "root certificate file \"" + root + "\" cannot be read");
            }
            builder.trustManager(new File(root));
        }
        // The host name is checked where sslmode says so and nowhere else.
        builder.endpointIdentificationAlgorithm(uri.tls() == UpstreamUri.TlsMode.VERIFY_FULL ? "HTTPS" : null);
        try {
            return new UpstreamTls(builder.build(), uri.host(), uri.port(), uri.tls().isMandatory());
        } catch (SSLException e) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "cannot set up TLS to the upstream: " + e.getMessage(), e);
        }
    }

    /** Whether a server without TLS is refused. */
    boolean isMandatory() {
        return mandatory;
    }

    SslHandler newHandler(ByteBufAllocator allocator) {
        return context.newHandler(allocator, host, port);
    }
}
