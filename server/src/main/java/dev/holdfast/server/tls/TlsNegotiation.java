package dev.holdfast.server.tls;

import dev.holdfast.server.wire.StartupCode;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.io.IOException;

/** Asks the upstream for TLS, goes through the handshake, and gives its place to the handler that wanted the connection. */
public final class TlsNegotiation extends ChannelInboundHandlerAdapter {
    private final UpstreamTls tls;
    private final ChannelHandler successor;
    private ChannelPromise done;

    public TlsNegotiation(UpstreamTls tls, ChannelHandler successor) {
        this.tls = tls;
        this.successor = successor;
    }

    /** Succeeds when the connection can be used. */
    public ChannelPromise done(ChannelFuture connecting) {
        done = connecting.channel().newPromise();
        connecting.addListener(connected -> {
            if (!connected.isSuccess()) {
                done.tryFailure(connected.cause());
            }
        });
        return done;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.writeAndFlush(context.alloc().buffer(8).writeInt(8).writeInt(StartupCode.SSL_REQUEST));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var bytes = (ByteBuf) message;
        byte answer = bytes.readByte();
        boolean more = bytes.isReadable();
        bytes.release();
        if (more) {
            // Anything behind the one byte was not encrypted, and not sent by the server we want.
            fail(context, new IOException("the upstream sent unencrypted data after its answer to SSLRequest"));
        } else if (answer == 'S') {
            var handler = tls.newHandler(context.alloc());
            context.pipeline().addFirst("tls", handler);
            handler.handshakeFuture().addListener(shaken -> {
                if (shaken.isSuccess()) {
                    succeed(context);
                } else {
                    fail(context, new IOException("TLS handshake with the upstream failed: " + shaken.cause().getMessage()));
                }
            });
        } else if (tls.isMandatory()) {
            fail(context, new IOException("the upstream does not support TLS, and its URI insists on it"));
        } else {
            succeed(context);
        }
    }

    private void succeed(ChannelHandlerContext context) {
        context.pipeline().replace(this, "upstream", successor);
        done.trySuccess();
    }

    private void fail(ChannelHandlerContext context, IOException cause) {
        done.tryFailure(cause);
        context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        done.tryFailure(new IOException("the upstream closed the connection while TLS was negotiated"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        done.tryFailure(cause);
        context.close();
    }
}
