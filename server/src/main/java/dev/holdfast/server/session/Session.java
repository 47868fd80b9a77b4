package dev.holdfast.server.session;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.server.wire.Messages;
import dev.holdfast.server.wire.StartupPacket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.net.SocketAddress;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client and its one upstream connection, from the startup packet to the close. Everything here happens on the event
 * loop that both channels share.
 *
 * <pre>
 *   client  --> ClientRelay -->  upstream        what the client sends; statements of ours are taken out
 *   client  <-- UpstreamRelay <-- upstream       what the upstream answers; answers to our own messages are taken out
 * </pre>
 */
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    enum Phase {
        /** The upstream has not said ReadyForQuery for the first time. */
        AUTHENTICATING,
        RELAYING,
        CLOSED
    }

    private final ServerContext server;
    private final Channel client;
    private final StartupPacket startup;
    private final SessionParameters parameters = new SessionParameters();
    private final ReplyQueue replies = new ReplyQueue();
    private final ClientRelay clientRelay;
    private final UpstreamRelay upstreamRelay;
    private final OwnStatements ownStatements;
    private Channel upstream;
    private Phase phase = Phase.AUTHENTICATING;
    private byte transactionStatus = 'I';
    private CancelKey cancelKey;

    private Session(ServerContext server, Channel client, StartupPacket startup) {
        this.server = server;
        this.client = client;
        this.startup = startup;
        this.clientRelay = new ClientRelay(this);
        this.upstreamRelay = new UpstreamRelay(this);
        this.ownStatements = new OwnStatements(this);
    }

    /**
     * Takes over a channel whose startup packet has been read.
     *
     * @param packet the packet as it came; owned by this method
     * @param behind what has already come behind it, or null; owned by this method
     */
    static void begin(ServerContext server, Channel client, StartupPacket startup, ByteBuf packet, ByteBuf behind) {
        var session = new Session(server, client, startup);
        server.sessions().add(session);
        client.config().setAutoRead(false);
        client.pipeline().addLast("client", new ClientLeg(session));
        session.clientRelay.hold();
        if (behind != null) {
            session.clientRelay.read(behind);
        }
        var connecting = server.upstream().connect(client.eventLoop(), new UpstreamLeg(session));
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                packet.release();
                LOG.warn("no connection to the upstream: {}", done.cause().getMessage());
                session.fail(HoldfastException.of(SqlState.CANNOT_CONNECT_NOW, "cannot connect to the upstream PostgreSQL")
                        .withDetail(String.valueOf(done.cause().getMessage())));
                return;
            }
            session.upstream = connecting.channel();
            if (session.phase == Phase.CLOSED) {
                packet.release();
                session.upstream.close();
                return;
            }
            session.upstream.writeAndFlush(packet);
            session.clientRelay.resume();
            session.balance();
        });
    }

    ServerContext server() {
        return server;
    }

    Channel client() {
        return client;
    }

    Channel upstream() {
        return upstream;
    }

    SocketAddress clientAddress() {
        return client.remoteAddress();
    }

    StartupPacket startup() {
        return startup;
    }

    SessionParameters parameters() {
        return parameters;
    }

    ReplyQueue replies() {
        return replies;
    }

    ClientRelay clientRelay() {
        return clientRelay;
    }

    UpstreamRelay upstreamRelay() {
        return upstreamRelay;
    }

    OwnStatements ownStatements() {
        return ownStatements;
    }

    Phase phase() {
        return phase;
    }

    /** As in the last ReadyForQuery: I, T or E. */
    byte transactionStatus() {
        return transactionStatus;
    }

    void transactionStatus(byte status) {
        transactionStatus = status;
    }

    void authenticated() {
        phase = Phase.RELAYING;
        LOG.debug("session of {} from {}: {}", startup.user(), clientAddress(), cancelKey);
        if (startup.isReplication()) {
            clientRelay.makeOpaque();
            upstreamRelay.makeOpaque();
        }
    }

    void cancelKey(CancelKey key) {
        cancelKey = key;
        server.sessions().named(key, this);
    }

    /** Cancels the statement of ours that runs, if one does; may be called from any thread. */
    void cancelOwn(Consumer<Boolean> answer) {
        client.eventLoop().execute(() -> answer.accept(ownStatements.cancelRunning()));
    }

    /** Both channels are read as long as the other side takes what was read, and the client as long as it is listened to. */
    void balance() {
        if (phase == Phase.CLOSED || upstream == null) {
            return;
        }
        client.config().setAutoRead(upstream.isWritable() && clientRelay.wantsMore());
        upstream.config().setAutoRead(client.isWritable());
    }

    /** Ends the session with an error of ours. */
    void fail(HoldfastException e) {
        if (phase == Phase.CLOSED) {
            return;
        }
        var message = client.alloc().buffer();
        Messages.error(message, "FATAL", e, parameters.charset());
        client.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE);
        close();
    }

    /** The upstream has closed: what it said last is on its way to the client, which is closed behind it. */
    void upstreamClosed() {
        if (phase == Phase.CLOSED) {
            return;
        }
        client.writeAndFlush(client.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
        close();
    }

    void clientClosed() {
        if (phase != Phase.CLOSED) {
            close();
        }
    }

    /** Whatever the client has sent last still reaches the upstream before the close does. */
    private void close() {
        phase = Phase.CLOSED;
        ownStatements.abandon();
        clientRelay.release();
        upstreamRelay.release();
        server.sessions().remove(this, cancelKey);
        if (upstream != null) {
            upstream.writeAndFlush(upstream.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
