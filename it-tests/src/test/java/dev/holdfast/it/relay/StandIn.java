package dev.holdfast.it.relay;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Speaks just enough of the protocol to be thousands of idle sessions, which a PostgreSQL on a test machine cannot be: every
 * session of the database {@link #DATABASE} is answered here, with an empty result for every query; all others are passed on
 * to a real server.
 */
final class StandIn implements AutoCloseable {
    static final String DATABASE = "idle";

    private final ServerSocket listening = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    private final int behind;
    private final AtomicInteger pids = new AtomicInteger(100_000);

    StandIn(int behind) throws IOException {
        this.behind = behind;
        Thread.ofPlatform().daemon().name("stand-in").start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                var socket = listening.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                // Closed: there is nothing more to accept.
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var in = new DataInputStream(socket.getInputStream());
            var startup = new byte[in.readInt() - 4];
            in.readFully(startup);
            if (new String(startup, StandardCharsets.ISO_8859_1).contains("database\0" + DATABASE + "\0")) {
                answer(in, socket.getOutputStream());
            } else {
                passOn(startup, in, socket);
            }
        } catch (IOException e) {
            // The session has ended.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(DataInputStream in, OutputStream out) throws IOException {
        out.write(ByteBuffer.allocate(28)
                .put((byte) 'R').putInt(8).putInt(0)
                .put((byte) 'K').putInt(12).putInt(pids.incrementAndGet()).putInt(42)
                .put((byte) 'Z').putInt(5).put((byte) 'I')
                .array());
        while (true) {
            int type = in.read();
            if (type < 0) {
                return;
            }
            in.skipNBytes(in.readInt() - 4);
            if (type == 'Q') {
                out.write(new byte[] {'I', 0, 0, 0, 4, 'Z', 0, 0, 0, 5, 'I'});
            }
        }
    }

    private void passOn(byte[] startup, InputStream in, Socket client) throws IOException, InterruptedException {
        try (var server = new Socket(InetAddress.getLoopbackAddress(), behind)) {
            var out = server.getOutputStream();
            out.write(ByteBuffer.allocate(startup.length + 4).putInt(startup.length + 4).put(startup).array());
            var answers = Thread.ofVirtual().start(() -> {
                try {
                    server.getInputStream().transferTo(client.getOutputStream());
                    client.close();
                } catch (IOException e) {
                    // One side has gone, and the other follows.
                }
            });
            in.transferTo(out);
            server.shutdownOutput();
            answers.join();
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
