package dev.holdfast.server.session;

import dev.holdfast.sqlfront.SqlFront;
import io.netty.handler.ssl.SslContext;
import java.util.Optional;

/**
 * What all sessions share.
 *
 * @param tls with which clients may encrypt; none: SSLRequest is answered with no
 * @param trusts whether a client at that address may get in although the upstream asked for nothing
 */
record ServerContext(
        SqlFront sqlFront, UpstreamConnector upstream, SessionRegistry sessions, Optional<SslContext> tls, TrustPolicy trusts) {}
