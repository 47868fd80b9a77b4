package dev.holdfast.server.session;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.system.ClientSessionTable.ClientSession;
import dev.holdfast.server.login.Login;
import dev.holdfast.server.wire.Messages;
import dev.holdfast.server.wire.StartupPacket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client and its one upstream connection, from the startup packet to the close. Everything here happens on the event
 * loop that both channels share, but for what says otherwise.
 *
 * <pre>
 *   client  --> ClientRelay -->  upstream        what the client sends; statements of ours are taken out
 *   client  <-- UpstreamRelay <-- upstream       what the upstream answers; answers to our own messages are taken out
 * </pre>
 */
final class Session {
    /** The name of a channel's handler that encrypts. */
    static final String TLS = "tls";

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
    private final UpstreamDial dial;
    private final Future<?> deadline;
    private Login login;
    private Channel upstream;
    private Phase phase = Phase.AUTHENTICATING;
    private byte transactionStatus = 'I';
    private boolean ending;
    private boolean silent;
    private CancelKey cancelKey;
    private ClientSession logEntry;

    private Session(ServerContext server, Channel client, StartupPacket startup, ByteBuf packet, Future<?> deadline) {
        this.server = server;
        this.client = client;
        this.startup = startup;
        this.clientRelay = new ClientRelay(this);
        this.upstreamRelay = new UpstreamRelay(this);
        this.ownStatements = new OwnStatements(this);
        this.dial = new UpstreamDial(this, packet);
        this.deadline = deadline;
    }

    /**
     * Takes over a channel whose startup packet has been read.
     *
     * @param packet the packet as it came; owned by this method
     * @param behind what has already come behind it, or null; owned by this method
     * @param deadline ends the connection unless it is cancelled before
     */
    static void begin(
            ServerContext server, Channel client, StartupPacket startup, ByteBuf packet, ByteBuf behind, Future<?> deadline) {
        var session = new Session(server, client, startup, packet, deadline);
        client.config().setAutoRead(false);
        client.pipeline().addLast("client", new ClientLeg(session));
        session.clientRelay.hold();
        if (behind != null) {
            session.clientRelay.read(behind);
        }
        server.meter().sessionBegun();
        if (!server.sessions().add(session, server.limits().connections())) {
            server.meter().connectionRefused();
            session.fail(
                    server.sessions().isDraining()
                            ? HoldfastException.of(SqlState.CANNOT_CONNECT_NOW, "the database system is shutting down")
                            : HoldfastException.of(SqlState.TOO_MANY_CONNECTIONS, "sorry, too many clients already"));
            return;
        }
        session.dial.begin();
    }

    /** The upstream leg is there, and has been sent the startup packet. */
    void connected(Channel channel, Login newLogin) {
        upstream = channel;
        login = newLogin;
        if (clientRelay.isHeld()) {
            clientRelay.resume();
        }
        balance();
        passSilenceOn();
    }

    /** The upstream leg is gone before it came to anything; another one will be tried. */
    void disconnected() {
        upstream = null;
        login = null;
        upstreamRelay.forget();
        clientRelay.hold();
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
        return ProxyHeader.clientOf(client);
    }

    Optional<SslHandler> clientTls() {
        return Optional.ofNullable((SslHandler) client.pipeline().get(TLS));
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

    UpstreamDial dial() {
        return dial;
    }

    Login login() {
        return login;
    }

    void login(Login newLogin) {
        login = newLogin;
    }

    Phase phase() {
        return phase;
    }

    /** As in the last ReadyForQuery: I, T or E. */
    byte transactionStatus() {
        return transactionStatus;
    }

    void readyForQuery(byte status) {
        transactionStatus = status;
        ownStatements.readyForQuery();
        if (ending && status == 'I') {
            client.eventLoop().execute(this::endWhenIdle);
        }
    }

    /** The upstream has said ReadyForQuery for the first time. */
    void authenticated() {
        phase = Phase.RELAYING;
        deadline.cancel(false);
        dial.done();
        server.meter().loggedIn();
        logEntry = new ClientSession(
                cancelKey == null ? 0 : cancelKey.processId(),
                clientAddress() instanceof InetSocketAddress address ? Optional.of(address) : Optional.empty(),
                startup.user(),
                startup.database(),
                clientTls().isPresent(),
                Instant.now().truncatedTo(ChronoUnit.MICROS));
        server.log().begun(logEntry);
        if (startup.isReplication()) {
            clientRelay.makeOpaque();
            upstreamRelay.makeOpaque();
        }
        goOn();
    }

    /** What the client has sent too early to be judged can be judged now. */
    void goOn() {
        clientRelay.resume();
        balance();
        upstream.flush();
        passSilenceOn();
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
        if (phase == Phase.CLOSED) {
            return;
        }
        client.config().setAutoRead((upstream == null || upstream.isWritable()) && clientRelay.wantsMore());
        if (upstream != null) {
            upstream.config().setAutoRead(client.isWritable());
        }
    }

    // ---- the end ----

    /** Ends the session as soon as it is between transactions; may be called from any thread. */
    void endWhenIdle() {
        client.eventLoop().execute(() -> {
            ending = true;
            boolean idle = phase != Phase.RELAYING || replies.isEmpty() && transactionStatus == 'I' && !ownStatements.isBusy();
            if (idle) {
                fail(shutdown());
            }
        });
    }

    /** May be called from any thread. */
    void endNow() {
        client.eventLoop().execute(() -> fail(shutdown()));
    }

    private static HoldfastException shutdown() {
        return HoldfastException.of(SqlState.ADMIN_SHUTDOWN, "terminating connection due to administrator command");
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
        if (!replies.isOwnNext()) {
            // An error for clients of protocol 2 is no message as later ones know it.
            upstreamRelay.forwardRest();
        }
        client.writeAndFlush(client.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
        close();
    }

    /**
     * The client has shut its side down, as PostgreSQL learns when it has answered all that came before. Who waits for a
     * statement of ours is taken to be gone: a client that was closed looks the same.
     */
    void clientSaysNoMore() {
        if (phase == Phase.CLOSED) {
            return;
        }
        if (clientTls().isPresent() || ownStatements.isBusy()) {
            client.close();
            return;
        }
        silent = true;
        passSilenceOn();
    }

    /** Once nothing of the client's waits here any more. A message that was cut off never will be one. */
    private void passSilenceOn() {
        if (silent && !clientRelay.isHeld() && !ownStatements.isBusy() && upstream instanceof DuplexChannel duplex) {
            upstream.writeAndFlush(upstream.alloc().buffer(0)).addListener(done -> duplex.shutdownOutput());
        }
    }

    void clientClosed() {
        if (phase != Phase.CLOSED) {
            close();
        }
    }

    /** Whatever the client has sent last still reaches the upstream before the close does. */
    private void close() {
        phase = Phase.CLOSED;
        deadline.cancel(false);
        dial.done();
        ownStatements.abandon();
        clientRelay.release();
        upstreamRelay.release();
        server.sessions().remove(this, cancelKey);
        server.meter().sessionEnded();
        if (logEntry != null) {
            server.log().ended(logEntry);
        }
        if (upstream != null) {
            upstream.writeAndFlush(upstream.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
        }
        LOG.debug("session of {} ended", clientAddress());
    }
}
