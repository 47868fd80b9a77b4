package dev.holdfast.server.login;

import dev.holdfast.engine.error.HoldfastException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** A session that is logging in, as its {@link Login} sees it. All on the session's event loop. */
public interface Conversation {
    String user();

    /** The certificate that the client sees; empty when its leg is not encrypted. */
    Optional<X509Certificate> certificateForClient();

    /** The upstream's certificate; empty when that leg is not encrypted. */
    Optional<X509Certificate> upstreamCertificate();

    /** Whether the client may be in although the upstream asked for nothing. */
    boolean trustsUnchallenged();

    /** Sends an authentication message of ours to the client. */
    void toClient(int code, byte[] body);

    /** Sends an answer of ours to the upstream. */
    void toUpstream(byte[] body);

    /** From here on another way is gone. */
    void become(Login login);

    /** Does something that blocks elsewhere, and goes on with its result here; a failure ends the session. */
    <T> void await(Callable<T> work, Consumer<T> then);

    void fail(HoldfastException e);
}
