package dev.holdfast.server.session;

import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.server.login.Conversation;
import dev.holdfast.server.login.Login;
import dev.holdfast.server.wire.Backend;
import dev.holdfast.server.wire.Frontend;
import dev.holdfast.server.wire.Messages;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;

/** A session's two legs, as its login sees them. */
final class SessionConversation implements Conversation {
    private final Session session;
    private final boolean vouched;

    /** {@code vouched}: the client has proved itself by a certificate, so the upstream need not ask. */
    SessionConversation(Session session, boolean vouched) {
        this.session = session;
        this.vouched = vouched;
    }

    @Override
    public String user() {
        return session.startup().user();
    }

    @Override
    public Optional<X509Certificate> certificateForClient() {
        return session.clientTls().map(tls -> (X509Certificate) tls.engine().getSession().getLocalCertificates()[0]);
    }

    @Override
    public Optional<X509Certificate> upstreamCertificate() {
        var tls = (SslHandler) session.upstream().pipeline().get(Session.TLS);
        if (tls == null) {
            return Optional.empty();
        }
        try {
            return Optional.of((X509Certificate) tls.engine().getSession().getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean trustsUnchallenged() {
        return vouched || session.server().trusts().allows(session.clientAddress());
    }

    @Override
    public void toClient(int code, byte[] body) {
        var message = session.client().alloc().buffer();
        int started = Messages.start(message, Backend.AUTHENTICATION);
        message.writeInt(code).writeBytes(body);
        Messages.finish(message, started);
        session.upstreamRelay().forward(message);
        session.client().flush();
    }

    @Override
    public void toUpstream(byte[] body) {
        var message = session.client().alloc().buffer();
        int started = Messages.start(message, Frontend.PASSWORD);
        message.writeBytes(body);
        Messages.finish(message, started);
        session.clientRelay().forward(message);
        session.upstream().flush();
    }

    @Override
    public void become(Login login) {
        session.login(login);
    }

    @Override
    public <T> void await(Callable<T> work, Consumer<T> then) {
        Thread.ofVirtual().name("login").start(() -> {
            T result;
            try {
                result = work.call();
            } catch (SQLException e) {
                goOn(() -> fail(Upstream.translate(e)));
                return;
            } catch (Exception e) {
                goOn(() -> fail(HoldfastException.of(SqlState.INTERNAL_ERROR, "internal error: " + e, e)));
                return;
            }
            goOn(() -> then.accept(result));
        });
    }

    private void goOn(Runnable step) {
        session.client().eventLoop().execute(() -> {
            if (session.phase() == Session.Phase.AUTHENTICATING && session.upstream() != null) {
                try {
                    step.run();
                } catch (HoldfastException e) {
                    fail(e);
                }
            }
        });
    }

    @Override
    public void fail(HoldfastException e) {
        session.fail(e);
    }
}
