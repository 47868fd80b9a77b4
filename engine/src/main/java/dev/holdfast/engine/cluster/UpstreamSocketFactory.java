package dev.holdfast.engine.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/** Sockets for the JDBC driver whose input merges adjacent CopyData messages; the driver creates it by name. */
public final class UpstreamSocketFactory extends SocketFactory {
    @Override
    public Socket createSocket() {
        return new Socket() {
            private InputStream merged;

            @Override
            public InputStream getInputStream() throws IOException {
                if (merged == null) {
                    merged = new MergedCopyInputStream(super.getInputStream());
                }
                return merged;
            }
        };
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException("the driver connects the socket itself");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException("the driver connects the socket itself");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException("the driver connects the socket itself");
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
        throw new UnsupportedOperationException("the driver connects the socket itself");
    }
}
