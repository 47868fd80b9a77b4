package dev.holdfast.server.session;

import dev.holdfast.server.metrics.RelayMeter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The client's channel, as the session sees it. */
final class ClientLeg extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ClientLeg.class);

    private final Session session;
    private final RelayMeter meter;
    private int bursts;
    private long burstBegan;

    ClientLeg(Session session) {
        this.session = session;
        this.meter = session.server().meter();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (session.phase() == Session.Phase.CLOSED) {
            ReferenceCountUtil.release(message);
            return;
        }
        var bytes = (ByteBuf) message;
        meter.fromClient(bytes.readableBytes());
        if (burstBegan == 0 && bursts++ % RelayMeter.SAMPLING == 0) {
            burstBegan = System.nanoTime();
        }
        session.clientRelay().read(bytes);
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
        if (burstBegan != 0) {
            meter.relayed(System.nanoTime() - burstBegan);
            burstBegan = 0;
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        session.balance();
        session.ownStatements().writabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            session.clientSaysNoMore();
        }
        context.fireUserEventTriggered(event);
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
