package dev.holdfast.server.session;

import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.server.metrics.RelayMeter;
import dev.holdfast.server.wire.Backend;
import dev.holdfast.server.wire.Messages;
import dev.holdfast.server.wire.ResultEncoder;
import dev.holdfast.sqlfront.execute.SessionFacts;
import dev.holdfast.sqlfront.execute.Signals;
import dev.holdfast.sqlfront.result.Result;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One execution of a statement of ours, on a virtual thread. It writes its rows itself, no faster than the client takes
 * them, and reports its end on the session's event loop.
 */
final class OwnRun implements Signals {
    private static final Logger LOG = LoggerFactory.getLogger(OwnRun.class);
    private static final int BATCH = 32 * 1024;

    private final Channel client;
    private final RelayMeter meter;
    private final OwnPortal portal;
    private final int limit;
    private final boolean describes;
    private final ResultEncoder encoder;
    private final Semaphore writable = new Semaphore(0);
    private volatile HoldfastException cancelled;
    private volatile Thread thread;
    private Future<?> timeout;

    /** {@code limit} 0 is none; {@code describes}: the rows are preceded by their description (simple protocol). */
    OwnRun(Session session, OwnPortal portal, int limit, boolean describes) {
        this.client = session.client();
        this.meter = session.server().meter();
        this.portal = portal;
        this.limit = limit;
        this.describes = describes;
        this.encoder = new ResultEncoder(
                portal.statement().columns(), portal.formats(), session.parameters().charset(), session.parameters().dateStyle());
    }

    /** {@code facts} is null when a result that has begun is only continued. */
    void start(SessionFacts facts, OwnStatements.Ending ending) {
        if (facts != null && facts.statementTimeoutMillis() > 0) {
            timeout = client.eventLoop()
                    .schedule(
                            () -> cancel(HoldfastException.of(
                                    SqlState.QUERY_CANCELED, "canceling statement due to statement timeout")),
                            facts.statementTimeoutMillis(),
                            TimeUnit.MILLISECONDS);
        }
        thread = Thread.ofVirtual().name("statement").unstarted(() -> {
            var error = execute(facts);
            client.eventLoop().execute(() -> {
                if (timeout != null) {
                    timeout.cancel(false);
                }
                meter.statementEnded(portal.statement().kind(), error == null ? null : error.state().code());
                ending.ended(error);
            });
        });
        thread.start();
    }

    private HoldfastException execute(SessionFacts facts) {
        try {
            if (portal.result() == null) {
                portal.result(portal.statement().execute(portal.parameters(), facts, this));
            }
            sendRows(portal.result());
            return null;
        } catch (HoldfastException e) {
            return cancelled == null ? e : cancelled;
        } catch (SQLException e) {
            return cancelled == null ? Upstream.translate(e) : cancelled;
        } catch (IOException e) {
            return cancelled == null ? HoldfastException.of(SqlState.IO_ERROR, String.valueOf(e.getMessage()), e) : cancelled;
        } catch (InterruptedException e) {
            return cancelled == null ? HoldfastException.of(SqlState.QUERY_CANCELED, "interrupted", e) : cancelled;
        } catch (RuntimeException | Error e) {
            if (cancelled != null) {
                return cancelled;
            }
            LOG.error("a statement hit a defect", e);
            return HoldfastException.of(SqlState.INTERNAL_ERROR, "internal error: " + e, e);
        }
    }

    private void sendRows(Result result) throws InterruptedException {
        var batch = client.alloc().buffer(BATCH);
        boolean handedOver = false;
        try {
            boolean hasColumns = !portal.statement().columns().isEmpty();
            if (describes && hasColumns) {
                encoder.rowDescription(batch);
            }
            int sent = 0;
            while (result.rows().hasNext() && (limit == 0 || sent < limit)) {
                encoder.dataRow(batch, result.rows().next());
                sent++;
                if (batch.readableBytes() >= BATCH) {
                    var full = batch;
                    batch = client.alloc().buffer(BATCH);
                    send(full);
                }
            }
            portal.sent(sent);
            if (result.rows().hasNext()) {
                Messages.empty(batch, Backend.PORTAL_SUSPENDED);
            } else {
                Messages.commandComplete(batch, result.countedTag() ? result.tag() + " " + portal.sent() : result.tag());
            }
            handedOver = true;
            send(batch);
        } finally {
            if (!handedOver) {
                batch.release();
            }
        }
    }

    /** Hands the buffer over and waits until the client has taken enough of what was written. */
    private void send(ByteBuf bytes) throws InterruptedException {
        client.eventLoop().execute(() -> client.writeAndFlush(bytes, client.voidPromise()));
        while (!client.isWritable() && client.isActive()) {
            checkCancelled();
            writable.tryAcquire(1, TimeUnit.SECONDS);
        }
    }

    void writabilityChanged() {
        writable.release();
    }

    /** On the event loop. The work itself, if it is a job, goes on. */
    void cancel(HoldfastException reason) {
        if (cancelled == null) {
            cancelled = reason;
            thread.interrupt();
        }
    }

    @Override
    public void checkCancelled() {
        var reason = cancelled;
        if (reason != null) {
            throw reason;
        }
    }

    @Override
    public void notice(String message) {
        client.eventLoop().execute(() -> {
            var out = client.alloc().buffer();
            Messages.notice(out, message, encoder.charset());
            client.writeAndFlush(out, client.voidPromise());
        });
    }
}
