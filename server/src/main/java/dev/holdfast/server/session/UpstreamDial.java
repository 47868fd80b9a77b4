package dev.holdfast.server.session;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.server.login.Login;
import dev.holdfast.server.login.RelayedLogin;
import dev.holdfast.server.login.SecretLogin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a session's upstream connection and sends the startup packet, exactly as it came. An upstream that is not there yet,
 * or says that it is starting, is tried again for a while: its restart is then a pause, not an error.
 */
final class UpstreamDial {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamDial.class);
    private static final long RETRY_MILLIS = 250;

    private final Session session;
    private ByteBuf packet;
    private long giveUpAt;

    /** Owns the packet. */
    UpstreamDial(Session session, ByteBuf packet) {
        this.session = session;
        this.packet = packet;
    }

    void begin() {
        giveUpAt = System.nanoTime() + session.server().limits().upstreamWait().toNanos();
        dial();
    }

    private void dial() {
        if (packet == null) {
            return;
        }
        var role = vouchedRole();
        var loop = session.client().eventLoop();
        var leg = new UpstreamLeg(session);
        ChannelFuture connecting = role.isPresent() && session.server().upstream().canVouch()
                ? session.server().upstream().connectVouching(loop, leg, role.get())
                : session.server().upstream().connect(loop, leg);
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                retryOr(unreachable(done.cause()));
            } else if (packet == null) {
                connecting.channel().close();
            } else {
                connected(connecting.channel(), role);
            }
        });
    }

    private void connected(Channel upstream, Optional<String> role) {
        var conversation = new SessionConversation(session, role.isPresent());
        var secret = role.map(name -> session.server().roleSecrets().get(name));
        Login login = secret.isPresent()
                ? new SecretLogin(conversation, secret.get())
                : new RelayedLogin(conversation, session.server().verifiers());
        upstream.writeAndFlush(packet.retainedDuplicate());
        session.connected(upstream, login);
    }

    /** The upstream has refused for the moment (57P03): try again, unless it has taken too long. True when it is tried again. */
    boolean refusedForNow() {
        if (packet == null || System.nanoTime() > giveUpAt) {
            return false;
        }
        session.disconnected();
        session.client().eventLoop().schedule(this::dial, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        return true;
    }

    private void retryOr(HoldfastException failure) {
        if (packet == null) {
            return;
        }
        if (System.nanoTime() > giveUpAt) {
            LOG.warn("no connection to the upstream: {}", failure.detail().orElse(failure.getMessage()));
            session.fail(failure);
        } else {
            session.client().eventLoop().schedule(this::dial, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static HoldfastException unreachable(Throwable cause) {
        return HoldfastException.of(SqlState.CANNOT_CONNECT_NOW, "cannot connect to the upstream PostgreSQL")
                .withDetail(cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }

    /** The role that the client's certificate proves it to be, if that is the one it wants to be. */
    private Optional<String> vouchedRole() {
        var tls = session.clientTls();
        if (tls.isEmpty()) {
            return Optional.empty();
        }
        try {
            var certificate = (X509Certificate) tls.get().engine().getSession().getPeerCertificates()[0];
            return CommonName.of(certificate).filter(session.startup().user()::equals);
        } catch (SSLPeerUnverifiedException e) {
            // No certificate: the client proves itself by other means.
            return Optional.empty();
        }
    }

    /** Nothing is tried any more. */
    void done() {
        if (packet != null) {
            packet.release();
            packet = null;
        }
    }
}
