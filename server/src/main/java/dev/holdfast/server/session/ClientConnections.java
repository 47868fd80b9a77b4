package dev.holdfast.server.session;

import dev.holdfast.server.login.Verifiers;
import dev.holdfast.server.metrics.RelayMeter;
import dev.holdfast.sqlfront.SqlFront;
import io.netty.channel.Channel;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Where accepted connections become sessions, and where sessions end with the server. */
public final class ClientConnections {
    private static final Duration DRAIN_LOOK = Duration.ofMillis(50);
    private static final Duration LAST_WORDS_WITHIN = Duration.ofSeconds(2);

    private final ServerContext server;
    private final List<IpSubnetFilterRule> proxies;

    /** Connections that are no session yet: as many again as there may be sessions. */
    private final AtomicInteger arriving = new AtomicInteger();

    /**
     * @param tls see {@link ServerContext}
     * @param proxies from where connections begin with a header of the PROXY protocol that names the client
     */
    public ClientConnections(
            SqlFront sqlFront,
            UpstreamConnector upstream,
            Supplier<Optional<SslContext>> tls,
            TrustPolicy trusts,
            Verifiers verifiers,
            Map<String, String> roleSecrets,
            SessionLimits limits,
            List<IpSubnetFilterRule> proxies,
            RelayMeter meter,
            SessionLog log,
            WayMaker wayMaker) {
        this.server = new ServerContext(
                sqlFront,
                upstream,
                new SessionRegistry(),
                tls,
                trusts,
                verifiers,
                Map.copyOf(roleSecrets),
                limits,
                meter,
                log,
                wayMaker);
        this.proxies = List.copyOf(proxies);
    }

    public void accept(Channel channel) {
        server.meter().connectionAccepted();
        if (arriving.incrementAndGet() > server.limits().connections()) {
            // Not a word to them: it would take what they are after, time and memory.
            arriving.decrementAndGet();
            server.meter().connectionRefused();
            channel.close();
            return;
        }
        if (channel.remoteAddress() instanceof InetSocketAddress peer && proxies.stream().anyMatch(rule -> rule.matches(peer))) {
            channel.pipeline().addLast(new HAProxyMessageDecoder()).addLast(new ProxyHeader());
        }
        channel.pipeline().addLast("entrance", new ClientEntrance(server, arriving::decrementAndGet));
    }

    /**
     * New connections are refused, idle sessions end at once, the others when their transaction does. Returns when none is
     * left or the time is over.
     */
    public void drain(Duration most) throws InterruptedException {
        server.sessions().startDraining();
        server.sessions().all().forEach(Session::endWhenIdle);
        awaitNone(most);
        server.sessions().all().forEach(Session::endNow);
        // They say why before whoever waits for this takes their threads away.
        awaitNone(LAST_WORDS_WITHIN);
    }

    private void awaitNone(Duration most) throws InterruptedException {
        long deadline = System.nanoTime() + most.toNanos();
        while (server.sessions().size() > 0 && System.nanoTime() < deadline) {
            Thread.sleep(DRAIN_LOOK);
        }
    }
}
