package dev.holdfast.server.net;

import dev.holdfast.engine.cluster.UpstreamUri;
import dev.holdfast.server.session.UpstreamConnector;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/** Dials the upstream for client sessions: over the embedded server's Unix-domain socket, or over TCP, with TLS by sslmode. */
public final class UpstreamDialer implements UpstreamConnector {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private final Transport transport;
    private final UpstreamUri uri;
    private final Optional<Path> socketFile;
    private final Optional<UpstreamTls> tls;

    public UpstreamDialer(Transport transport, UpstreamUri uri, Optional<Path> socketFile) {
        this.transport = transport;
        this.uri = uri;
        this.socketFile = socketFile;
        this.tls = socketFile.isPresent() || uri.tls() == UpstreamUri.TlsMode.DISABLE || uri.tls() == UpstreamUri.TlsMode.ALLOW
                ? Optional.empty()
                : Optional.of(UpstreamTls.of(uri));
    }

    @Override
    public ChannelFuture connect(EventLoop loop, ChannelHandler handler) {
        var bootstrap = new Bootstrap().group(loop);
        if (socketFile.isPresent()) {
            return bootstrap
                    .channel(transport.unixChannel())
                    .handler(handler)
                    .connect(transport.unixAddress(socketFile.get()));
        }
        bootstrap
                .channel(transport.tcpChannel())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS);
        var address = new InetSocketAddress(uri.host(), uri.port());
        if (tls.isEmpty()) {
            return bootstrap.handler(handler).connect(address);
        }
        var negotiation = new TlsNegotiation(tls.get(), uri, handler);
        return negotiation.done(bootstrap.handler(negotiation).connect(address));
    }

    @Override
    public boolean isEncrypted() {
        return tls.isPresent();
    }
}
