package dev.holdfast.server.session;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;

/** Opens the upstream leg of a session, on the event loop of the client's: nothing crosses threads on the way. */
public interface UpstreamConnector {
    /** The channel is connected, and encrypted where the upstream's URI wants it, when the future succeeds. */
    ChannelFuture connect(EventLoop loop, ChannelHandler handler);

    /** Whether the upstream takes our word for a client that has proved itself by a certificate. */
    boolean canVouch();

    /** Connects with a certificate of ours that names the role. */
    ChannelFuture connectVouching(EventLoop loop, ChannelHandler handler, String role);
}
