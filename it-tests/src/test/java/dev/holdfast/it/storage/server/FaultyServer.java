package dev.holdfast.it.storage.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands in front of a storage server and does to its connections what networks do. */
public final class FaultyServer implements AutoCloseable {
    /** What becomes of the n-th connection, from 0. */
    public enum Fault {
        NONE,
        /** Closed at once. */
        REFUSE,
        /** An answer of 503 that nobody asked the server for. */
        UNAVAILABLE,
        /** The answer ends in its middle. */
        CUT,
        /** The answer stops in its middle, and the connection stays open. */
        STALL
    }

    @FunctionalInterface
    public interface Script {
        Fault of(int connection);
    }

    private static final int LET_THROUGH = 40_000;

    private final ServerSocket server;
    private final int target;
    private final Script script;
    private final AtomicInteger connections = new AtomicInteger();

    private FaultyServer(ServerSocket server, int target, Script script) {
        this.server = server;
        this.target = target;
        this.script = script;
    }

    public static FaultyServer inFrontOf(int target, Script script) throws IOException {
        var faulty = new FaultyServer(new ServerSocket(0, 100, InetAddress.getLoopbackAddress()), target, script);
        Thread.ofVirtual().start(faulty::accept);
        return faulty;
    }

    public int port() {
        return server.getLocalPort();
    }

    public int connections() {
        return connections.get();
    }

    private void accept() {
        try {
            while (true) {
                var client = server.accept();
                var fault = script.of(connections.getAndIncrement());
                Thread.ofVirtual().start(() -> serve(client, fault));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void serve(Socket client, Fault fault) {
        try (client) {
            switch (fault) {
                case REFUSE -> {}
                case UNAVAILABLE -> {
                    client.getInputStream().read(new byte[65536]);
                    client.getOutputStream().write("HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".getBytes());
                }
                case NONE, CUT, STALL -> forward(client, fault);
            }
        } catch (IOException e) {
            // What a network does is no error of the test.
        }
    }

    private void forward(Socket client, Fault fault) throws IOException {
        try (var upstream = new Socket(InetAddress.getLoopbackAddress(), target)) {
            Thread.ofVirtual().start(() -> pump(client, upstream));
            copy(upstream.getInputStream(), client.getOutputStream(), fault);
            if (fault == Fault.STALL) {
                client.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
        }
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // The other direction ends with it.
        }
    }

    private static void copy(InputStream in, OutputStream out, Fault fault) throws IOException {
        long left = fault == Fault.NONE ? Long.MAX_VALUE : LET_THROUGH;
        var buffer = new byte[8192];
        while (left > 0) {
            int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count < 0) {
                return;
            }
            out.write(buffer, 0, count);
            out.flush();
            left -= count;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
