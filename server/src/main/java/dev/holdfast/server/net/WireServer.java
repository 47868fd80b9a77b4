package dev.holdfast.server.net;

import dev.holdfast.server.session.ClientConnections;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Listens for clients. */
public final class WireServer implements AutoCloseable {
    private final EventLoopGroup loops;
    private final Channel listening;

    private WireServer(EventLoopGroup loops, Channel listening) {
        this.loops = loops;
        this.listening = listening;
    }

    public static WireServer listen(Transport transport, InetSocketAddress address, int threads, ClientConnections connections)
            throws IOException, InterruptedException {
        var loops = transport.eventLoops(threads);
        var binding = new ServerBootstrap()
                .group(loops)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, Transport.readSizes())
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                // A client that has said its last word may still listen to the answers.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.accept(channel);
                    }
                })
                .bind(address)
                .await();
        if (!binding.isSuccess()) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new IOException(binding.cause().getMessage(), binding.cause());
        }
        return new WireServer(loops, binding.channel());
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /** Refuses new connections and ends the others. */
    @Override
    public void close() {
        listening.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
