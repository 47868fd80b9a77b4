package dev.holdfast.server.session;

import dev.holdfast.server.login.Verifiers;
import dev.holdfast.server.metrics.RelayMeter;
import dev.holdfast.sqlfront.SqlFront;
import io.netty.handler.ssl.SslContext;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What all sessions share.
 *
 * @param tls with which clients may encrypt, asked for at every connection so that new certificates count at once; none:
 *     SSLRequest is answered with no
 * @param trusts whether a client at that address may get in although the upstream asked for nothing
 * @param roleSecrets passwords by which roles that have proved themselves by a certificate are logged in upstream
 */
record ServerContext(
        SqlFront sqlFront,
        UpstreamConnector upstream,
        SessionRegistry sessions,
        Supplier<Optional<SslContext>> tls,
        TrustPolicy trusts,
        Verifiers verifiers,
        Map<String, String> roleSecrets,
        SessionLimits limits,
        RelayMeter meter,
        SessionLog log,
        WayMaker wayMaker) {}
