package dev.holdfast.server.net;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueDomainSocketChannel;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** How this platform does network IO: natively on Linux and macOS, else by NIO. */
public enum Transport {
    EPOLL(EpollServerSocketChannel.class, EpollSocketChannel.class, EpollDomainSocketChannel.class),
    KQUEUE(KQueueServerSocketChannel.class, KQueueSocketChannel.class, KQueueDomainSocketChannel.class),
    NIO(NioServerSocketChannel.class, NioSocketChannel.class, NioDomainSocketChannel.class);

    private final Class<? extends ServerChannel> serverChannel;
    private final Class<? extends Channel> tcpChannel;
    private final Class<? extends Channel> unixChannel;

    Transport(
            Class<? extends ServerChannel> serverChannel, Class<? extends Channel> tcpChannel, Class<? extends Channel> unixChannel) {
        this.serverChannel = serverChannel;
        this.tcpChannel = tcpChannel;
        this.unixChannel = unixChannel;
    }

    public static Transport best() {
        if (Epoll.isAvailable()) {
            return EPOLL;
        }
        return KQueue.isAvailable() ? KQUEUE : NIO;
    }

    public EventLoopGroup eventLoops(int threads) {
        return new MultiThreadIoEventLoopGroup(threads, ioHandlers());
    }

    private IoHandlerFactory ioHandlers() {
        return switch (this) {
            case EPOLL -> SteadyEpoll.newFactory();
            case KQUEUE -> KQueueIoHandler.newFactory();
            case NIO -> NioIoHandler.newFactory();
        };
    }

    /**
     * How much is read at once. The size follows what comes, but not down to the size of one message: the next one is a little
     * longer, and would be read and written in two parts.
     */
    static RecvByteBufAllocator readSizes() {
        return new AdaptiveRecvByteBufAllocator(1024, 2048, 64 * 1024);
    }

    public Class<? extends ServerChannel> serverChannel() {
        return serverChannel;
    }

    public Class<? extends Channel> tcpChannel() {
        return tcpChannel;
    }

    public Class<? extends Channel> unixChannel() {
        return unixChannel;
    }

    public SocketAddress unixAddress(Path socketFile) {
        return switch (this) {
            case EPOLL, KQUEUE -> new DomainSocketAddress(socketFile.toFile());
            case NIO -> UnixDomainSocketAddress.of(socketFile);
        };
    }
}
