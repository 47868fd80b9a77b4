package dev.holdfast.server.session;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.server.wire.Backend;
import dev.holdfast.server.wire.Frontend;
import dev.holdfast.server.wire.MessageReader;
import dev.holdfast.server.wire.Messages;
import dev.holdfast.server.wire.ResultEncoder;
import dev.holdfast.sqlfront.OwnStatement;
import dev.holdfast.sqlfront.Routing;
import dev.holdfast.sqlfront.execute.Parameters;
import dev.holdfast.sqlfront.execute.SessionFacts;
import dev.holdfast.sqlfront.execute.SessionFacts.TransactionPlace;
import dev.holdfast.sqlfront.execute.SessionQuery;
import dev.holdfast.sqlfront.result.ColumnType;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The statements of ours in one session.
 *
 * <p>Each has a shadow in the upstream, an ordinary query ({@link SessionQuery}) under the same name: a Parse of ours sends a
 * Parse of the shadow, and so on. So it is the upstream that knows which names are taken, that refuses in a failed
 * transaction, that skips after an error; and its answers, which come in order, tell when it is our turn.
 *
 * <p>From the Execute of a statement of ours until it is done the session is busy: what the client sends waits.
 */
final class OwnStatements {
    enum Concerned {
        YES,
        NO,
        /** The names in the message have not arrived. */
        UNKNOWN
    }

    private record Prepared(OwnStatement statement, int[] parameterOids) {}

    private final Session session;
    private final Map<String, Prepared> prepared = new HashMap<>(2);
    private final Map<String, OwnPortal> portals = new HashMap<>(2);

    /** Execute messages sent since the last Sync: a statement of ours behind them is not alone. */
    private int executed;

    private boolean busy;
    private OwnRun running;

    /** A cancel came for a statement of ours that waits for its shadow's answer. */
    private boolean cancelled;

    /** The last row that answered a step of ours. */
    private List<String> row;

    OwnStatements(Session session) {
        this.session = session;
    }

    boolean anyPrepared() {
        return !prepared.isEmpty() || !portals.isEmpty();
    }

    boolean isBusy() {
        return busy;
    }

    /**
     * A message that is none of ours passes, and its reply is expected: what it replaces or closes under a name of ours is
     * ours no longer.
     */
    void foreign(byte type, ByteBuf buffer, int from, int here) {
        switch (type) {
            case Frontend.EXECUTE -> executed++;
            case Frontend.QUERY -> {
                executed = 0;
                if (anyPrepared()) {
                    prepared.remove("");
                    portals.remove("");
                }
            }
            case Frontend.PARSE -> {
                if (anyPrepared() && buffer.getByte(from + FrameWalk.HEADER) == 0) {
                    prepared.remove("");
                }
            }
            case Frontend.BIND -> {
                if (anyPrepared() && here > FrameWalk.HEADER && buffer.getByte(from + FrameWalk.HEADER) == 0) {
                    portals.remove("");
                }
            }
            default -> {
                // Describe and Close of foreign names change nothing of ours.
            }
        }
        session.replies().sent(type);
    }

    /** A Sync is sent: what follows is another transaction, unless it stands in a block. */
    void synced() {
        executed = 0;
    }

    /** Whether a Bind, Describe, Execute or Close is about a statement or portal of ours. */
    Concerned concerns(byte type, ByteBuf buffer, int from, int here) {
        var reader = new MessageReader(buffer, from + FrameWalk.HEADER, from + here, session.parameters().charset());
        if (type == Frontend.BIND) {
            return reader.string() == null ? Concerned.UNKNOWN : among(prepared, reader.string());
        }
        if (type == Frontend.EXECUTE) {
            return among(portals, reader.string());
        }
        if (!reader.hasMore()) {
            return Concerned.UNKNOWN;
        }
        return reader.readByte() == 'S' ? among(prepared, reader.string()) : among(portals, reader.string());
    }

    private static Concerned among(Map<String, ?> names, String name) {
        if (name == null) {
            return Concerned.UNKNOWN;
        }
        return names.containsKey(name) ? Concerned.YES : Concerned.NO;
    }

    /** A whole message that is, or may be, about a statement of ours. */
    void take(byte type, ByteBuf buffer, int from, int length) {
        var reader = new MessageReader(buffer, from + FrameWalk.HEADER, from + length, session.parameters().charset());
        try {
            switch (type) {
                case Frontend.QUERY -> query(reader.requiredString(), buffer, from, length);
                case Frontend.PARSE -> parse(reader, buffer, from, length);
                case Frontend.BIND -> bind(reader);
                case Frontend.DESCRIBE -> describe(reader);
                case Frontend.EXECUTE -> execute(reader);
                case Frontend.CLOSE -> close(reader, buffer, from, length);
                default -> throw new IllegalStateException("taken: " + (char) type);
            }
        } catch (MessageReader.Malformed e) {
            session.fail(HoldfastException.of(SqlState.PROTOCOL_VIOLATION, "invalid message format"));
        }
    }

    private void pass(byte type, ByteBuf buffer, int from, int length) {
        foreign(type, buffer, from, length);
        session.clientRelay().forward(buffer.retainedSlice(from, length));
    }

    /**
     * Sends what decides whose a name is, and waits for the answer: until it is there nobody can tell what the messages
     * behind it are about.
     */
    private void sendAndWait(byte type, ByteBuf message, Runnable whenCompleted) {
        busy = true;
        send(type, message, Step.forwarding(end -> {
            if (end == ReplyQueue.End.COMPLETED) {
                whenCompleted.run();
            }
            noLongerBusy();
        }));
        flushUpstream();
    }

    /** Without a Sync the upstream would keep its answer, and we would wait for it. */
    private void flushUpstream() {
        var flush = allocate();
        Messages.flush(flush);
        session.upstream().writeAndFlush(flush);
    }

    /** Whether a Parse has a name of ours, which DEALLOCATE or DISCARD ALL may have set free without our knowledge. */
    boolean mayReplace(ByteBuf buffer, int from, int here) {
        if (!anyPrepared()) {
            return false;
        }
        var name = new MessageReader(buffer, from + FrameWalk.HEADER, from + here, session.parameters().charset()).string();
        return name != null && !name.isEmpty() && prepared.containsKey(name);
    }

    // ---- simple protocol ----

    private void query(String sql, ByteBuf buffer, int from, int length) {
        var parts = session.server().sqlFront().script(sql, session.parameters().standardConformingStrings());
        if (parts.size() == 1 && parts.getFirst() instanceof Routing.Relay) {
            pass(Frontend.QUERY, buffer, from, length);
            return;
        }
        prepared.remove("");
        portals.remove("");
        executed = 0;
        busy = true;
        // As in PostgreSQL, a text that cannot be parsed as a whole is not executed in part.
        var rejected = parts.stream().filter(Routing.Rejected.class::isInstance).findFirst();
        new Script(session, this, rejected.map(List::of).orElse(parts)).next();
    }

    // ---- extended protocol ----

    private void parse(MessageReader reader, ByteBuf buffer, int from, int length) {
        var name = reader.requiredString();
        switch (session.server().sqlFront().route(reader.requiredString())) {
            case Routing.Relay relay -> {
                if (mayReplace(buffer, from, length)) {
                    sendAndWait(Frontend.PARSE, buffer.retainedSlice(from, length), () -> prepared.remove(name));
                } else {
                    pass(Frontend.PARSE, buffer, from, length);
                }
            }
            case Routing.Rejected rejected -> fail(rejected.error());
            case Routing.Own own -> {
                var oids = reader.int32Array(reader.uint16());
                var message = allocate();
                if (own.statement().upstreamBinds()) {
                    Messages.parse(message, name, own.statement().sessionQuery(), oids, session.parameters().charset());
                } else {
                    Messages.parse(message, name, own.statement().sessionQuery(), new int[0], session.parameters().charset());
                }
                var parsed = new Prepared(own.statement(), oids);
                if (name.isEmpty()) {
                    prepared.put(name, parsed);
                    send(Frontend.PARSE, message, Step.forwarding(end -> {
                        if (end != ReplyQueue.End.COMPLETED) {
                            prepared.remove(name);
                        }
                    }));
                } else {
                    sendAndWait(Frontend.PARSE, message, () -> prepared.put(name, parsed));
                }
            }
        }
    }

    private void bind(MessageReader reader) {
        var portal = reader.requiredString();
        var name = reader.requiredString();
        var statement = prepared.get(name);
        int parametersFrom = reader.position();
        var values = BoundParameters.read(reader, statement.statement().parameterTypes(), statement.parameterOids());
        int parametersTo = reader.position();
        var formats = reader.int16Array(reader.uint16());
        var message = allocate();
        if (statement.statement().upstreamBinds()) {
            Messages.bind(message, portal, name, reader.slice(parametersFrom, parametersTo), session.parameters().charset());
        } else {
            int expected = statement.statement().parameterTypes().size();
            if (values.values().size() != expected) {
                message.release();
                fail(HoldfastException.of(
                        SqlState.PROTOCOL_VIOLATION,
                        "bind message supplies " + values.values().size() + " parameters, but prepared statement \"" + name
                                + "\" requires " + expected));
                return;
            }
            Messages.bind(message, portal, name, null, session.parameters().charset());
        }
        int columns = statement.statement().columns().size();
        if (formats.length > 1 && formats.length != columns) {
            message.release();
            fail(HoldfastException.of(
                    SqlState.PROTOCOL_VIOLATION,
                    "bind message has " + formats.length + " result formats but query has " + columns + " columns"));
            return;
        }
        var before = portals.put(portal, new OwnPortal(statement.statement(), values, formats));
        send(Frontend.BIND, message, Step.forwarding(end -> {
            if (end != ReplyQueue.End.COMPLETED) {
                if (before == null || portal.isEmpty()) {
                    portals.remove(portal);
                } else {
                    portals.put(portal, before);
                }
            }
        }));
    }

    private void describe(MessageReader reader) {
        byte kind = reader.readByte();
        var name = reader.requiredString();
        var message = allocate();
        Messages.describe(message, kind, name, session.parameters().charset());
        if (kind == 'S') {
            var statement = prepared.get(name);
            boolean upstreamBinds = statement.statement().upstreamBinds();
            send(
                    Frontend.DESCRIBE,
                    message,
                    Step.replacing(
                            type -> Step.isError(type) || upstreamBinds && type == Backend.PARAMETER_DESCRIPTION,
                            () -> {
                                if (!upstreamBinds) {
                                    writeParameters(statement);
                                }
                                writeColumns(statement.statement(), new short[0]);
                            }));
        } else {
            var portal = portals.get(name);
            send(
                    Frontend.DESCRIBE,
                    message,
                    Step.replacing(Step::isError, () -> writeColumns(portal.statement(), portal.formats())));
        }
    }

    private void execute(MessageReader reader) {
        var name = reader.requiredString();
        int limit = reader.int32();
        var portal = portals.get(name);
        boolean first = executed == 0;
        executed++;
        busy = true;
        var message = allocate();
        Messages.execute(message, name, session.parameters().charset());
        send(Frontend.EXECUTE, message, new ReplyQueue.OwnStep() {
            @Override
            public ReplyQueue.Disposition on(byte type) {
                return type == Backend.ERROR_RESPONSE ? ReplyQueue.Disposition.FORWARD : ReplyQueue.Disposition.SWALLOW;
            }

            @Override
            public void ended(ReplyQueue.End end) {
                if (end != ReplyQueue.End.COMPLETED) {
                    noLongerBusy();
                    return;
                }
                run(portal, limit, place(first));
            }
        });
        flushUpstream();
    }

    private void run(OwnPortal portal, int limit, TransactionPlace place) {
        var run = new OwnRun(session, portal, limit, false);
        start(run, place, error -> {
            if (error != null) {
                fail(error);
            }
            noLongerBusy();
        });
    }

    private void close(MessageReader reader, ByteBuf buffer, int from, int length) {
        byte kind = reader.readByte();
        var name = reader.requiredString();
        var names = kind == 'S' ? prepared : portals;
        sendAndWait(Frontend.CLOSE, buffer.retainedSlice(from, length), () -> names.remove(name));
    }

    /** Asked when all that was sent before has been answered: the client's last BEGIN counts, be it a moment old. */
    private TransactionPlace place(boolean first) {
        if (session.transactionStatus() != 'I') {
            return TransactionPlace.BLOCK;
        }
        return first ? TransactionPlace.ALONE : TransactionPlace.PIPELINE;
    }

    // ---- what both protocols share ----

    /** How a run ends: with an error, or null. Called on the event loop. */
    interface Ending {
        void ended(HoldfastException error);
    }

    void start(OwnRun run, TransactionPlace place, Ending ending) {
        SessionFacts facts;
        try {
            facts = row == null ? null : SessionQuery.read(row, place);
        } catch (HoldfastException e) {
            ending.ended(e);
            return;
        } finally {
            row = null;
        }
        if (cancelled) {
            ending.ended(userCancel());
            return;
        }
        running = run;
        run.start(facts, error -> {
            running = null;
            if (session.phase() != Session.Phase.CLOSED) {
                ending.ended(error);
            }
        });
    }

    /**
     * True when a statement of ours was running, and is being cancelled. While the upstream is still answering its shadow both
     * are meant: should the request come too late for the upstream, it must not be lost.
     */
    boolean cancelRunning() {
        if (running == null) {
            cancelled = busy && session.replies().isOwnNext();
            return false;
        }
        running.cancel(userCancel());
        return true;
    }

    private static HoldfastException userCancel() {
        return HoldfastException.of(SqlState.QUERY_CANCELED, "canceling statement due to user request");
    }

    void abandon() {
        if (running != null) {
            running.cancel(HoldfastException.of(SqlState.CONNECTION_FAILURE, "the client has gone"));
        }
    }

    void writabilityChanged() {
        if (running != null) {
            running.writabilityChanged();
        }
    }

    void noLongerBusy() {
        busy = false;
        cancelled = false;
        session.goOn();
    }

    /** An answer to a step of ours, before {@link ReplyQueue} judges it. */
    void reply(ByteBuf buffer, int from, int length) {
        if (buffer.getByte(from) == Backend.DATA_ROW) {
            row = new MessageReader(buffer, from + FrameWalk.HEADER, from + length, session.parameters().charset()).dataRow();
        }
    }

    /** Portals end with their transaction; those that the client has bound behind it, in the same pipeline, do not. */
    void readyForQuery() {
        if (!portals.isEmpty() && session.transactionStatus() == 'I' && session.replies().isLast()) {
            portals.clear();
        }
    }

    /**
     * Makes the upstream fail where we fail: a transaction the client is in is aborted, and the rest of its pipeline is
     * skipped to the next Sync. Our error takes the place of the upstream's, behind the answers to what came before.
     */
    private void fail(HoldfastException error) {
        var message = allocate();
        Messages.parse(message, "holdfast_failed", FAILING, new int[0], session.parameters().charset());
        send(Frontend.PARSE, message, new ReplyQueue.OwnStep() {
            @Override
            public ReplyQueue.Disposition on(byte type) {
                return ReplyQueue.Disposition.SWALLOW;
            }

            @Override
            public void ended(ReplyQueue.End end) {
                if (end == ReplyQueue.End.FAILED) {
                    writeError(error);
                }
            }
        });
        session.upstream().flush();
    }

    /** No statement at all; the comment is for whoever reads the upstream's log. */
    static final String FAILING = "/* holdfast: a statement of its own has failed, so what surrounds it has to fail */ !";

    void send(byte type, ByteBuf message, ReplyQueue.OwnStep step) {
        session.replies().sentOwn(type, step);
        session.clientRelay().forward(message);
    }

    void writeError(HoldfastException error) {
        var message = allocate();
        Messages.error(message, "ERROR", error, session.parameters().charset());
        session.upstreamRelay().forward(message);
    }

    private void writeParameters(Prepared statement) {
        var types = statement.statement().parameterTypes();
        var oids = new int[types.size()];
        for (int i = 0; i < oids.length; i++) {
            boolean declared = i < statement.parameterOids().length && statement.parameterOids()[i] != 0;
            oids[i] = declared ? statement.parameterOids()[i] : types.get(i).oid();
        }
        var message = allocate();
        Messages.parameterDescription(message, oids);
        session.upstreamRelay().forward(message);
    }

    private void writeColumns(OwnStatement statement, short[] formats) {
        var message = allocate();
        if (statement.columns().isEmpty()) {
            Messages.empty(message, Backend.NO_DATA);
        } else {
            new ResultEncoder(
                            statement.columns(), formats, session.parameters().charset(), session.parameters().dateStyle())
                    .rowDescription(message);
        }
        session.upstreamRelay().forward(message);
    }

    private ByteBuf allocate() {
        return session.client().alloc().buffer();
    }

    static Parameters noParameters(List<ColumnType> types) {
        if (!types.isEmpty()) {
            throw HoldfastException.of(SqlState.UNDEFINED_PARAMETER, "there is no parameter $1");
        }
        return Parameters.NONE;
    }
}
