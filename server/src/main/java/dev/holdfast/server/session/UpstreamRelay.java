package dev.holdfast.server.session;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.server.wire.Backend;
import dev.holdfast.server.wire.MessageReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/** From the upstream to the client. */
final class UpstreamRelay extends FrameWalk {
    private final Session session;

    UpstreamRelay(Session session) {
        this.session = session;
    }

    @Override
    Verdict classify(byte type, int length, ByteBuf buffer, int from, int here) {
        if (session.phase() == Session.Phase.AUTHENTICATING) {
            return classifyWhileAuthenticating(type, length, buffer, from, here);
        }
        var replies = session.replies();
        if (type == Backend.READY_FOR_QUERY) {
            if (here < length) {
                return Verdict.WAIT;
            }
            session.readyForQuery(buffer.getByte(from + HEADER));
        } else if (type == Backend.PARAMETER_STATUS) {
            if (here < length) {
                return Verdict.WAIT;
            }
            session.parameters().report(buffer, from + HEADER, from + length);
        }
        if (!replies.hasOwnSteps()) {
            if (here < length && session.ownStatements().isBusy()) {
                // A statement of ours is running and may write at any moment: not into the middle of a notification.
                return Verdict.WAIT;
            }
            replies.received(type);
            return Verdict.FORWARD;
        }
        if (replies.isOwnNext()) {
            if (here < length) {
                return Verdict.WAIT;
            }
            // A step may write to the client, or look at the message.
            forwardPending();
            session.ownStatements().reply(buffer, from, length);
        }
        var disposition = replies.received(type);
        if (type == Backend.COPY_IN_RESPONSE) {
            // Copy data that a client has sent without waiting for this answer is held behind the statement.
            session.goOn();
        }
        return switch (disposition) {
            case FORWARD -> Verdict.FORWARD;
            case SWALLOW -> Verdict.DROP;
        };
    }

    private Verdict classifyWhileAuthenticating(byte type, int length, ByteBuf buffer, int from, int here) {
        if (here < length) {
            return Verdict.WAIT;
        }
        switch (type) {
            case Backend.AUTHENTICATION -> {
                forwardPending();
                return authentication(length, buffer, from) ? Verdict.FORWARD : Verdict.DROP;
            }
            case Backend.ERROR_RESPONSE -> {
                if (isNotYet(length, buffer, from) && session.dial().refusedForNow()) {
                    return Verdict.DROP;
                }
            }
            case Backend.BACKEND_KEY_DATA -> session.cancelKey(CancelKey.decode(buffer, from + HEADER, from + length));
            case Backend.PARAMETER_STATUS -> session.parameters().report(buffer, from + HEADER, from + length);
            case Backend.READY_FOR_QUERY -> session.authenticated();
            default -> {
                // Notices and NegotiateProtocolVersion are the client's.
            }
        }
        return Verdict.FORWARD;
    }

    private boolean authentication(int length, ByteBuf buffer, int from) {
        var body = new byte[length - HEADER - 4];
        buffer.getBytes(from + HEADER + 4, body);
        try {
            return session.login().request(buffer.getInt(from + HEADER), body);
        } catch (HoldfastException e) {
            session.fail(e);
            return false;
        }
    }

    /** 57P03, before anything was asked: the server is starting up, shutting down, or recovering. */
    private static boolean isNotYet(int length, ByteBuf buffer, int from) {
        var reader = new MessageReader(buffer, from + HEADER, from + length, StandardCharsets.UTF_8);
        for (byte field = reader.readByte(); field != 0; field = reader.readByte()) {
            var value = reader.requiredString();
            if (field == 'C') {
                return value.equals(SqlState.CANNOT_CONNECT_NOW.code());
            }
        }
        return false;
    }

    @Override
    void take(byte type, int length, ByteBuf buffer, int from) {
        throw new IllegalStateException("nothing of the upstream's is taken");
    }

    @Override
    void forward(ByteBuf bytes) {
        var client = session.client();
        client.write(bytes, client.voidPromise());
        if (!client.isWritable()) {
            session.balance();
        }
    }

    @Override
    ByteBufAllocator allocator() {
        return session.client().alloc();
    }
}
