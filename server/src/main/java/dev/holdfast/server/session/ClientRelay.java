package dev.holdfast.server.session;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.server.wire.Frontend;
import dev.holdfast.sqlfront.scan.ByteText;
import dev.holdfast.sqlfront.scan.LeadingKeywords;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** From the client to the upstream. Statements of ours are taken out and handed to {@link OwnStatements}. */
final class ClientRelay extends FrameWalk {
    /** PostgreSQL's own limit for what it reads before it knows who is there. */
    private static final int MAX_BEFORE_AUTHENTICATION = 65_536 + HEADER;

    /**
     * A longer statement is none of ours. Should one of ours stand in so long a text of many, the text reaches the upstream,
     * which refuses it as a whole.
     */
    static final int MAX_EXAMINED = 1 << 20;

    /** While a statement of ours runs the client is listened to, so that its going away is noticed; up to here. */
    private static final int MAX_HELD = 64 * 1024;

    private final Session session;
    private final BufferText text = new BufferText();

    /** The message that is held at the front has been waited for. */
    private boolean wayIsMade;

    ClientRelay(Session session) {
        this.session = session;
    }

    boolean wantsMore() {
        return !isHeld() || waiting() < MAX_HELD;
    }

    @Override
    Verdict classify(byte type, int length, ByteBuf buffer, int from, int here) {
        if (session.phase() == Session.Phase.AUTHENTICATING) {
            return classifyWhileAuthenticating(type, length, buffer, from, here);
        }
        var own = session.ownStatements();
        if (own.isBusy()) {
            return classifyWhileBusy(type);
        }
        switch (type) {
            case Frontend.QUERY, Frontend.PARSE -> {
                if (length <= MAX_EXAMINED) {
                    if (here < length) {
                        return Verdict.WAIT;
                    }
                    if (mayBeOwn(type, length, buffer, from)) {
                        return Verdict.TAKE;
                    }
                    if (hasToWait(type, length, buffer, from)) {
                        return Verdict.HOLD;
                    }
                }
                own.foreign(type, buffer, from, here);
            }
            case Frontend.BIND, Frontend.DESCRIBE, Frontend.EXECUTE, Frontend.CLOSE -> {
                if (own.anyPrepared()) {
                    var concerned = own.concerns(type, buffer, from, here);
                    if (here < length && concerned != OwnStatements.Concerned.NO) {
                        // Of one whose names are not here yet more is waited for, however long it is as a whole.
                        return concerned == OwnStatements.Concerned.UNKNOWN && here < MAX_EXAMINED
                                ? Verdict.WAIT
                                : waitForWhole(length);
                    }
                    if (concerned == OwnStatements.Concerned.YES) {
                        return Verdict.TAKE;
                    }
                }
                own.foreign(type, buffer, from, here);
            }
            case Frontend.SYNC -> {
                own.synced();
                session.replies().sent(type);
            }
            case Frontend.FLUSH, Frontend.COPY_DATA, Frontend.COPY_DONE, Frontend.COPY_FAIL, Frontend.FUNCTION_CALL,
                    Frontend.TERMINATE, Frontend.PASSWORD -> session.replies().sent(type);
            default ->
                // No message PostgreSQL knows: the upstream ends the session over it, in its own words.
                makeOpaque();
        }
        return Verdict.FORWARD;
    }

    /** What concerns a statement of ours has to be here as a whole, so it may not be of any size. */
    private Verdict waitForWhole(int length) {
        if (length <= MAX_EXAMINED) {
            return Verdict.WAIT;
        }
        session.fail(HoldfastException.of(new SqlState("54000"), "message of " + length + " bytes is too long")
                .withDetail("Messages about statements of Holdfast may have " + MAX_EXAMINED + " bytes."));
        return Verdict.DROP;
    }

    private Verdict classifyWhileAuthenticating(byte type, int length, ByteBuf buffer, int from, int here) {
        if (length > MAX_BEFORE_AUTHENTICATION) {
            session.fail(HoldfastException.of(SqlState.PROTOCOL_VIOLATION, "invalid message length"));
            return Verdict.DROP;
        }
        if (type != Frontend.PASSWORD) {
            // Sent without waiting for the login: it is judged when it is one of the session's messages.
            return Verdict.HOLD;
        }
        if (here < length) {
            return Verdict.WAIT;
        }
        var body = new byte[length - HEADER];
        buffer.getBytes(from + HEADER, body);
        try {
            return session.login().answer(body) ? Verdict.FORWARD : Verdict.DROP;
        } catch (HoldfastException e) {
            session.fail(e);
            return Verdict.DROP;
        }
    }

    /** While a step of ours waits, what follows waits too; but a COPY in front of it still needs its data. */
    private Verdict classifyWhileBusy(byte type) {
        if (!session.replies().isCopyingIn()) {
            return Verdict.HOLD;
        }
        return switch (type) {
            case Frontend.COPY_DATA -> Verdict.FORWARD;
            case Frontend.COPY_DONE, Frontend.COPY_FAIL -> {
                session.replies().sent(type);
                yield Verdict.FORWARD;
            }
            case Frontend.SYNC, Frontend.FLUSH -> Verdict.DROP;
            default -> Verdict.HOLD;
        };
    }

    /**
     * A statement about a whole database waits until our own session has left it. One that stands behind others in its text
     * does not: PostgreSQL refuses it there anyway.
     */
    private boolean hasToWait(byte type, int length, ByteBuf buffer, int from) {
        int end = from + length;
        int sql = type == Frontend.QUERY ? from + HEADER : buffer.indexOf(from + HEADER, end, (byte) 0) + 1;
        if (sql <= 0 || !LeadingKeywords.concernsDatabase(text.of(buffer), sql, end) || wayIsMade) {
            wayIsMade = false;
            return false;
        }
        return !session.server().wayMaker().makeWay(() -> session.client().eventLoop().execute(() -> {
            if (isHeld() && session.phase() != Session.Phase.CLOSED) {
                wayIsMade = true;
                session.goOn();
            }
        }));
    }

    private boolean mayBeOwn(byte type, int length, ByteBuf buffer, int from) {
        int end = from + length;
        if (type == Frontend.QUERY) {
            return LeadingKeywords.anyOwn(text.of(buffer), from + HEADER, end);
        }
        if (session.ownStatements().mayReplace(buffer, from, length)) {
            return true;
        }
        int nameEnd = buffer.indexOf(from + HEADER, end, (byte) 0);
        return nameEnd >= 0 && LeadingKeywords.isOwn(text.of(buffer), nameEnd + 1, end);
    }

    @Override
    void take(byte type, int length, ByteBuf buffer, int from) {
        session.ownStatements().take(type, buffer, from, length);
    }

    @Override
    void forward(ByteBuf bytes) {
        var upstream = session.upstream();
        upstream.write(bytes, upstream.voidPromise());
        if (!upstream.isWritable()) {
            session.balance();
        }
    }

    @Override
    ByteBufAllocator allocator() {
        return session.client().alloc();
    }

    /** One for the session: looked at once per statement that passes. */
    private static final class BufferText implements ByteText {
        private ByteBuf buffer;

        BufferText of(ByteBuf newBuffer) {
            buffer = newBuffer;
            return this;
        }

        @Override
        public byte at(int index) {
            return buffer.getByte(index);
        }

        @Override
        public int indexOfSemicolon(int from, int to) {
            return from < to ? buffer.indexOf(from, to, (byte) ';') : -1;
        }
    }
}
