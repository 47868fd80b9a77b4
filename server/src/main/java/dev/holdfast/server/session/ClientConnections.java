package dev.holdfast.server.session;

import dev.holdfast.sqlfront.SqlFront;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import java.util.Optional;

/** Where accepted connections become sessions. */
public final class ClientConnections {
    private final ServerContext server;

    /** {@code tls}: with which clients may encrypt; none: SSLRequest is answered with no. */
    public ClientConnections(SqlFront sqlFront, UpstreamConnector upstream, Optional<SslContext> tls, TrustPolicy trusts) {
        this.server = new ServerContext(sqlFront, upstream, new SessionRegistry(), tls, trusts);
    }

    public void accept(Channel channel) {
        channel.pipeline().addLast("entrance", new ClientEntrance(server));
    }
}
