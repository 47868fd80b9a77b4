package dev.holdfast.server.session;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Takes the client's address from the header that a proxy in front of us sends first (PROXY protocol, version 1 or 2). Only
 * for connections from configured proxies: anybody else could claim to be anybody.
 */
final class ProxyHeader extends ChannelInboundHandlerAdapter {
    private static final AttributeKey<InetSocketAddress> CLIENT = AttributeKey.valueOf(ProxyHeader.class, "client");

    /** Who is at the other end, behind whatever proxy. */
    static SocketAddress clientOf(Channel channel) {
        var client = channel.attr(CLIENT).get();
        return client == null ? channel.remoteAddress() : client;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof HAProxyMessage header)) {
            context.fireChannelRead(message);
            return;
        }
        try {
            // LOCAL is the proxy itself, looking whether we are there.
            if (header.command() == HAProxyCommand.PROXY && header.sourceAddress() != null) {
                // An address in digits: nothing is looked up.
                var address = NetUtil.createInetAddressFromIpAddressString(header.sourceAddress());
                if (address != null) {
                    context.channel().attr(CLIENT).set(new InetSocketAddress(address, header.sourcePort()));
                }
            }
        } finally {
            header.release();
        }
        context.pipeline().remove(this);
    }
}
