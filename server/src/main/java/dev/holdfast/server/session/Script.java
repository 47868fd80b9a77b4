package dev.holdfast.server.session;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.server.wire.Backend;
import dev.holdfast.server.wire.Frontend;
import dev.holdfast.server.wire.Messages;
import dev.holdfast.sqlfront.OwnStatement;
import dev.holdfast.sqlfront.Routing;
import dev.holdfast.sqlfront.execute.SessionFacts.TransactionPlace;
import java.util.Iterator;
import java.util.List;

/**
 * A simple query that contains statements of ours: its parts run one after the other, those of the upstream as queries of
 * their own, and the client gets one ReadyForQuery at the end. The first error ends it.
 */
final class Script {
    private final Session session;
    private final OwnStatements own;
    private final Iterator<Routing> parts;

    Script(Session session, OwnStatements own, List<Routing> parts) {
        this.session = session;
        this.own = own;
        this.parts = parts.iterator();
    }

    void next() {
        if (!parts.hasNext()) {
            finish();
            return;
        }
        switch (parts.next()) {
            case Routing.Relay relay -> query(relay.sql(), new Part(true, this::next));
            case Routing.Own statement -> query(statement.statement().sessionQuery(), new Part(false, () -> run(statement.statement())));
            // An empty query first: the error has its place behind the answers to what the client sent before.
            case Routing.Rejected rejected -> query("", new Part(false, () -> fail(rejected.error())));
        }
    }

    private void query(String sql, Part part) {
        var message = session.client().alloc().buffer();
        Messages.query(message, sql, session.parameters().charset());
        own.send(Frontend.QUERY, message, part);
        session.upstream().flush();
    }

    private void run(OwnStatement statement) {
        try {
            var portal = new OwnPortal(statement, OwnStatements.noParameters(statement.parameterTypes()), new short[0]);
            var place = session.transactionStatus() == 'I' ? TransactionPlace.ALONE : TransactionPlace.BLOCK;
            own.start(new OwnRun(session, portal, 0, true), place, error -> {
                if (error == null) {
                    next();
                } else {
                    fail(error);
                }
            });
        } catch (HoldfastException e) {
            fail(e);
        }
    }

    /** In a transaction the upstream has to fail with us, and its ReadyForQuery then says so. */
    private void fail(HoldfastException error) {
        own.writeError(error);
        if (session.transactionStatus() == 'T') {
            query(OwnStatements.FAILING, new Part(false, this::finish) {
                @Override
                public ReplyQueue.Disposition on(byte type) {
                    return ReplyQueue.Disposition.SWALLOW;
                }
            });
        } else {
            finish();
        }
    }

    private void finish() {
        var message = session.client().alloc().buffer();
        Messages.readyForQuery(message, session.transactionStatus());
        session.upstreamRelay().forward(message);
        session.client().flush();
        own.noLongerBusy();
    }

    /** The replies to one query, up to its ReadyForQuery, which the client does not see. */
    private class Part implements ReplyQueue.OwnStep {
        private final boolean visible;
        private final Runnable then;
        private boolean failed;

        Part(boolean visible, Runnable then) {
            this.visible = visible;
            this.then = then;
        }

        @Override
        public ReplyQueue.Disposition on(byte type) {
            if (type == Backend.ERROR_RESPONSE) {
                failed = true;
                return ReplyQueue.Disposition.FORWARD;
            }
            return visible && type != Backend.READY_FOR_QUERY
                    ? ReplyQueue.Disposition.FORWARD
                    : ReplyQueue.Disposition.SWALLOW;
        }

        @Override
        public void ended(ReplyQueue.End end) {
            if (end != ReplyQueue.End.COMPLETED) {
                // An error in an unfinished pipeline before this query: the upstream skips it, and says nothing to it.
                own.noLongerBusy();
            } else if (failed) {
                finish();
            } else {
                then.run();
            }
        }
    }
}
