package dev.holdfast.server.session;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.server.wire.Messages;
import dev.holdfast.server.wire.StartupCode;
import dev.holdfast.server.wire.StartupPacket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A connection before it is a session: SSLRequest, GSSENCRequest, CancelRequest, and at last the startup packet.
 *
 * <pre>
 * SSLRequest      int32 8, int32 80877103           answered with one byte, S or N; then TLS, or the next packet
 * GSSENCRequest   int32 8, int32 80877104           answered with N
 * CancelRequest   int32 n, int32 80877102, pid, key answered with nothing; the connection closes
 * StartupMessage  int32 n, int32 version, parameters
 * </pre>
 *
 * A connection that begins with a TLS handshake (0x16) is encrypted without being asked (PostgreSQL 17 and newer clients).
 */
final class ClientEntrance extends ChannelInboundHandlerAdapter {
    /** PostgreSQL's limit, and the length field itself. */
    private static final int MAX_STARTUP_PACKET = 10_004;
    private static final int SHORTEST_CANCEL_REQUEST = 16;
    private static final int TLS_HANDSHAKE = 0x16;

    private final ServerContext server;
    private final Runnable left;
    private ByteBuf received;
    private boolean encrypted;

    /** Nothing that still comes means anything. */
    private boolean over;

    private boolean askedForTls;
    private boolean askedForGss;
    private Future<?> timeout;

    /** {@code left} is called once, when the connection has become something else or nothing. */
    ClientEntrance(ServerContext server, Runnable left) {
        this.server = server;
        this.left = left;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        timeout = context.executor()
                .schedule(
                        () -> {
                            context.close();
                        },
                        server.limits().authentication().toMillis(),
                        TimeUnit.MILLISECONDS);
        context.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var bytes = (ByteBuf) message;
        if (over) {
            bytes.release();
            return;
        }
        if (received == null) {
            received = bytes;
        } else {
            var before = received;
            received = context.alloc().buffer(before.readableBytes() + bytes.readableBytes()).writeBytes(before).writeBytes(bytes);
            before.release();
            bytes.release();
        }
        try {
            while (context.channel().isActive() && next(context)) {}
        } catch (HoldfastException e) {
            over = true;
            refuse(context.channel(), e);
        }
    }

    /** Handles one packet; false when there is none, or this handler is done. */
    private boolean next(ChannelHandlerContext context) {
        if (received == null || !received.isReadable()) {
            return false;
        }
        if (!encrypted && received.getByte(received.readerIndex()) == TLS_HANDSHAKE) {
            beginDirectTls(context);
            return false;
        }
        if (received.readableBytes() < 4) {
            return false;
        }
        int length = received.getInt(received.readerIndex());
        if (length < 8 || length > MAX_STARTUP_PACKET) {
            // Somebody who speaks another protocol would not understand an answer either.
            context.close();
            return false;
        }
        if (received.readableBytes() < length) {
            return false;
        }
        int code = received.getInt(received.readerIndex() + 4);
        switch (code) {
            case StartupCode.SSL_REQUEST -> {
                received.skipBytes(length);
                refuseSecond(askedForTls || encrypted, code);
                askedForTls = true;
                return answerSslRequest(context);
            }
            case StartupCode.GSS_ENC_REQUEST -> {
                received.skipBytes(length);
                refuseSecond(askedForGss || encrypted, code);
                askedForGss = true;
                answer(context, 'N');
                requireNothingBehind("GSSAPI encryption");
            }
            case StartupCode.CANCEL_REQUEST -> {
                if (length < SHORTEST_CANCEL_REQUEST) {
                    context.close();
                    return false;
                }
                var packet = received.readRetainedSlice(length);
                timeout.cancel(false);
                over = true;
                server.meter().cancelRequested();
                CancelRequests.handle(server, context.channel(), packet);
                return false;
            }
            default -> {
                begin(context, received.readRetainedSlice(length));
                return false;
            }
        }
        return true;
    }

    private boolean answerSslRequest(ChannelHandlerContext context) {
        var tls = server.tls().get();
        answer(context, tls.isPresent() ? 'S' : 'N');
        requireNothingBehind("SSL");
        if (tls.isEmpty()) {
            return true;
        }
        encrypted = true;
        context.pipeline().addFirst(Session.TLS, tls.get().newHandler(context.alloc()));
        return false;
    }

    /** To PostgreSQL the second request is the startup packet of a protocol that it does not know. */
    private static void refuseSecond(boolean again, int code) {
        if (again) {
            throw HoldfastException.of(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "unsupported frontend protocol " + StartupCode.majorVersion(code) + "." + (code & 0xffff));
        }
    }

    /**
     * Whatever was sent in the clear behind an SSLRequest would be taken for encrypted input: a man in the middle could
     * put his commands in front of the client's.
     */
    private void requireNothingBehind(String request) {
        if (received.isReadable()) {
            throw HoldfastException.of(
                            SqlState.PROTOCOL_VIOLATION, "received unencrypted data after " + request + " request")
                    .withDetail("This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.");
        }
        received.release();
        received = null;
    }

    /** The client has to ask for PostgreSQL in the handshake, so that nobody can pass another protocol's traffic off as it. */
    private void beginDirectTls(ChannelHandlerContext context) {
        var configured = server.tls().get();
        if (configured.isEmpty()) {
            context.close();
            return;
        }
        encrypted = true;
        var tls = configured.get().newHandler(context.alloc());
        var handshake = received;
        received = null;
        context.pipeline().addFirst(Session.TLS, tls);
        tls.handshakeFuture().addListener(done -> {
            if (!done.isSuccess() || !"postgresql".equals(tls.applicationProtocol())) {
                context.close();
            }
        });
        // The bytes came in before the handler was there.
        context.pipeline().fireChannelRead(handshake);
    }

    private static void answer(ChannelHandlerContext context, char letter) {
        context.writeAndFlush(context.alloc().buffer(1).writeByte(letter));
    }

    private void begin(ChannelHandlerContext context, ByteBuf packet) {
        try {
            var startup = StartupPacket.decode(packet);
            var leftOver = received.isReadable() ? received.readRetainedSlice(received.readableBytes()) : null;
            var channel = context.channel();
            var deadline = timeout;
            leave(context);
            Session.begin(server, channel, startup, packet.retain(), leftOver, deadline);
        } finally {
            packet.release();
        }
    }

    private void leave(ChannelHandlerContext context) {
        received.release();
        received = null;
        context.pipeline().remove(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        left.run();
        if (received != null) {
            received.release();
            received = null;
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            // No more will come, and there is nobody yet who could answer.
            context.close();
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        timeout.cancel(false);
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A failed handshake or a reset: there is no session that could be told.
        context.close();
    }

    private static void refuse(Channel channel, HoldfastException e) {
        var message = channel.alloc().buffer();
        Messages.fatal(message, e);
        channel.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE);
    }
}
