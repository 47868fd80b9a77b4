package dev.holdfast.server.session;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * An upstream may let Holdfast's address in without asking for anything (initdb's default does so on loopback). That is
 * meant for Holdfast, not for whoever connects to it: such a login is refused unless it is allowed here.
 */
public enum TrustPolicy {
    NOBODY,
    /** {@code --insecure}: clients on this machine. */
    LOOPBACK,
    /** Said in the configuration: the upstream's pg_hba.conf alone decides. */
    EVERYBODY;

    boolean allows(SocketAddress client) {
        return switch (this) {
            case NOBODY -> false;
            case LOOPBACK -> client instanceof InetSocketAddress address && address.getAddress().isLoopbackAddress();
            case EVERYBODY -> true;
        };
    }
}
