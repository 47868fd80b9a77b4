package dev.holdfast.server.session;

import dev.holdfast.engine.system.ClientSessionTable.ClientSession;

/** Who is told of sessions, so that an upstream's process can be traced to a client. Called on event loops: must not block. */
public interface SessionLog {
    void begun(ClientSession session);

    void ended(ClientSession session);
}
