package dev.holdfast.server.start;

import dev.holdfast.engine.system.ClientSessionTable;
import dev.holdfast.engine.system.ClientSessionTable.ClientSession;
import dev.holdfast.server.session.SessionLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sessions in the log, and in the view {@code system.sessions}. */
final class SessionJournal implements SessionLog {
    private static final Logger LOG = LoggerFactory.getLogger("sessions");

    private final ClientSessionTable table;

    SessionJournal(ClientSessionTable table) {
        this.table = table;
    }

    @Override
    public void begun(ClientSession session) {
        LOG.info(
                "begun: client {} user {} database {} upstream pid {}{}",
                session.client().map(Object::toString).orElse("?"),
                session.user(),
                session.database(),
                session.processId(),
                session.encrypted() ? " TLS" : "");
        table.begun(session);
    }

    @Override
    public void ended(ClientSession session) {
        LOG.info("ended: user {} upstream pid {}", session.user(), session.processId());
        table.ended(session);
    }
}
