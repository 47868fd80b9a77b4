package dev.holdfast.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The upstream's channel, as the session sees it. */
final class UpstreamLeg extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamLeg.class);

    private final Session session;

    UpstreamLeg(Session session) {
        this.session = session;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (isOver(context)) {
            ReferenceCountUtil.release(message);
            return;
        }
        var bytes = (ByteBuf) message;
        session.server().meter().fromUpstream(bytes.readableBytes());
        session.upstreamRelay().read(bytes);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        session.client().flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        session.balance();
    }

    /** Also when another connection has taken the place of this one. */
    private boolean isOver(ChannelHandlerContext context) {
        return session.phase() == Session.Phase.CLOSED || session.upstream() != context.channel();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!isOver(context)) {
            session.upstreamClosed();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("upstream of {}: {}", session.clientAddress(), cause.getMessage());
        } else {
            LOG.error("session of client {} hit a defect", session.clientAddress(), cause);
        }
        context.close();
    }
}
