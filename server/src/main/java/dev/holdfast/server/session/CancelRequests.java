package dev.holdfast.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * CancelRequest. A session that is running a statement of ours is told so; every other request goes upstream as it came,
 * also one for a session of another node: the upstream knows its backends. The client's connection closes when that is
 * done, which is what libpq waits for before it goes on.
 */
final class CancelRequests {
    private CancelRequests() {}

    /** Owns the packet. */
    static void handle(ServerContext server, Channel client, ByteBuf packet) {
        var key = CancelKey.decode(packet, packet.readerIndex() + 8, packet.writerIndex());
        var session = server.sessions().find(key);
        if (session.isEmpty()) {
            relay(server, client, packet);
            return;
        }
        // Asked on the session's own event loop: there is no moment between "is it ours" and the answer in which the
        // session could go on to its next statement.
        session.get().cancelOwn(cancelled -> client.eventLoop().execute(() -> {
            if (cancelled) {
                packet.release();
                client.close();
            } else {
                relay(server, client, packet);
            }
        }));
    }

    private static void relay(ServerContext server, Channel client, ByteBuf packet) {
        var connecting = server.upstream().connect(client.eventLoop(), new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                ReferenceCountUtil.release(message);
            }

            @Override
            public void channelInactive(ChannelHandlerContext context) {
                client.close();
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                context.close();
            }
        });
        connecting.addListener(done -> {
            if (done.isSuccess()) {
                connecting.channel().writeAndFlush(packet);
            } else {
                packet.release();
                client.close();
            }
        });
    }
}
