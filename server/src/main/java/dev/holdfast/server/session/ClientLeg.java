package dev.holdfast.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The client's channel, as the session sees it. */
final class ClientLeg extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ClientLeg.class);

    private final Session session;

    ClientLeg(Session session) {
        this.session = session;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (session.phase() == Session.Phase.CLOSED) {
            ReferenceCountUtil.release(message);
            return;
        }
        session.clientRelay().read((ByteBuf) message);
    }

    /** One flush for all that one read brought. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        var upstream = session.upstream();
        if (upstream != null) {
            upstream.flush();
        }
        if (session.clientRelay().isHeld()) {
            session.balance();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        session.balance();
        session.ownStatements().writabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        session.clientClosed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("client {}: {}", session.clientAddress(), cause.getMessage());
        } else {
            LOG.error("session of client {} hit a defect", session.clientAddress(), cause);
        }
        context.close();
    }
}
