package dev.holdfast.server.net;

import dev.holdfast.engine.cluster.UpstreamUri;
import dev.holdfast.server.session.UpstreamConnector;
import dev.holdfast.server.tls.RoleCertificates;
import dev.holdfast.server.tls.TlsNegotiation;
import dev.holdfast.server.tls.UpstreamTls;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/** Dials the upstream for client sessions: over the embedded server's Unix-domain socket, or over TCP, with TLS by sslmode. */
public final class UpstreamDialer implements UpstreamConnector {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private final Transport transport;
    private final UpstreamUri uri;
    private final Optional<Path> socketFile;
    private final Optional<RoleCertificates> roles;
    private final Optional<UpstreamTls> tls;

    /**
     * @param socketFile of the embedded server
     * @param roles by which the upstream knows that we vouch for a role
     */
    public UpstreamDialer(Transport transport, UpstreamUri uri, Optional<Path> socketFile, Optional<RoleCertificates> roles) {
        this.transport = transport;
        this.uri = uri;
        this.socketFile = socketFile;
        this.roles = roles;
        boolean plain = socketFile.isPresent()
                || uri.tls() == UpstreamUri.TlsMode.DISABLE
                // "allow" means plain first; that is what the service role's own connection has succeeded with, or not.
                || uri.tls() == UpstreamUri.TlsMode.ALLOW;
        this.tls = plain ? Optional.empty() : Optional.of(UpstreamTls.of(uri));
    }

    @Override
    public ChannelFuture connect(EventLoop loop, ChannelHandler handler) {
        if (socketFile.isPresent()) {
            return new Bootstrap()
                    .group(loop)
                    .channel(transport.unixChannel())
                    .option(ChannelOption.RECVBUF_ALLOCATOR, Transport.readSizes())
                    .handler(handler)
                    .connect(transport.unixAddress(socketFile.get()));
        }
        return tls.isPresent() ? encrypted(loop, handler, tls.get()) : tcp(loop).handler(handler).connect(address());
    }

    @Override
    public boolean canVouch() {
        return roles.isPresent();
    }

    @Override
    public ChannelFuture connectVouching(EventLoop loop, ChannelHandler handler, String role) {
        try {
            return encrypted(loop, handler, UpstreamTls.with(roles.orElseThrow().contextFor(role), uri.host(), uri.port()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ChannelFuture encrypted(EventLoop loop, ChannelHandler handler, UpstreamTls with) {
        var negotiation = new TlsNegotiation(with, handler);
        return negotiation.done(tcp(loop).handler(negotiation).connect(address()));
    }

    private Bootstrap tcp(EventLoop loop) {
        return new Bootstrap()
                .group(loop)
                .channel(transport.tcpChannel())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, Transport.readSizes())
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS);
    }

    private InetSocketAddress address() {
        return new InetSocketAddress(uri.host(), uri.port());
    }
}
