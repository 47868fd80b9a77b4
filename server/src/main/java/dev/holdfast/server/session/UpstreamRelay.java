package dev.holdfast.server.session;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.server.wire.Backend;
import dev.holdfast.server.wire.Messages;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/** From the upstream to the client. */
final class UpstreamRelay extends FrameWalk {
    private static final int AUTHENTICATION_OK = 0;
    private static final int AUTHENTICATION_SASL = 10;
    private static final String CHANNEL_BINDING = "-PLUS";

    private final Session session;
    private boolean challenged;

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
            session.transactionStatus(buffer.getByte(from + HEADER));
            session.ownStatements().readyForQuery();
        } else if (type == Backend.PARAMETER_STATUS) {
            if (here < length) {
                return Verdict.WAIT;
            }
            session.parameters().report(buffer, from + HEADER, from + length);
        }
        if (!replies.hasOwnSteps()) {
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
        return switch (replies.received(type)) {
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
                int code = buffer.getInt(from + HEADER);
                if (code == AUTHENTICATION_OK) {
                    if (!challenged && !session.server().trusts().allows(session.clientAddress())) {
                        return Verdict.TAKE;
                    }
                } else {
                    challenged = true;
                    if (code == AUTHENTICATION_SASL && session.server().upstream().isEncrypted()) {
                        return Verdict.TAKE;
                    }
                }
            }
            case Backend.BACKEND_KEY_DATA -> session.cancelKey(CancelKey.decode(buffer, from + HEADER, from + length));
            case Backend.PARAMETER_STATUS -> session.parameters().report(buffer, from + HEADER, from + length);
            case Backend.READY_FOR_QUERY -> session.authenticated();
            default -> {
                // Errors, notices and NegotiateProtocolVersion are the client's.
            }
        }
        return Verdict.FORWARD;
    }

    @Override
    void take(byte type, int length, ByteBuf buffer, int from) {
        if (buffer.getInt(from + HEADER) == AUTHENTICATION_SASL) {
            offerWithoutChannelBinding(length, buffer, from);
        } else {
            session.fail(HoldfastException.of(
                            SqlState.INVALID_AUTHORIZATION, "the upstream PostgreSQL asked for no password, so the login is refused")
                    .withDetail("It trusts the address of Holdfast, which says nothing about who connects to Holdfast.")
                    .withHint("Let the upstream's pg_hba.conf ask Holdfast's address for scram-sha-256."));
        }
    }

    /** Binding to the upstream's channel proves nothing about the client's: the mechanisms that do are not offered. */
    private void offerWithoutChannelBinding(int length, ByteBuf buffer, int from) {
        var out = allocator().buffer();
        int started = Messages.start(out, Backend.AUTHENTICATION);
        out.writeInt(AUTHENTICATION_SASL);
        int at = from + HEADER + 4;
        int end = from + length;
        while (at < end && buffer.getByte(at) != 0) {
            int zero = buffer.indexOf(at, end, (byte) 0);
            var mechanism = buffer.toString(at, zero - at, StandardCharsets.US_ASCII);
            if (!mechanism.endsWith(CHANNEL_BINDING)) {
                out.writeBytes(buffer, at, zero - at + 1);
            }
            at = zero + 1;
        }
        out.writeByte(0);
        Messages.finish(out, started);
        forward(out);
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
