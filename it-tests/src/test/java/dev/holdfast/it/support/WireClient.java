package dev.holdfast.it.support;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Speaks the wire protocol message by message: for conversations that no driver would have. What is written is sent at
 * {@link #flush}, in one piece.
 */
public final class WireClient implements AutoCloseable {
    public static final int PROTOCOL_3_0 = 3 << 16;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A message of the server. */
    public record Message(char type, byte[] body) {
        private ByteBuffer reader() {
            return ByteBuffer.wrap(body);
        }

        /** Fields of an ErrorResponse or NoticeResponse, by their letters. */
        public String field(char code) {
            int at = 0;
            while (at < body.length && body[at] != 0) {
                int end = at + 1;
                while (body[end] != 0) {
                    end++;
                }
                if (body[at] == code) {
                    return new String(body, at + 1, end - at - 1, StandardCharsets.UTF_8);
                }
                at = end + 1;
            }
            return "";
        }

        /** What a person would write down; fields that tell of source lines are left out, since they are nobody's promise. */
        @Override
        public String toString() {
            return switch (type) {
                case 'T' -> "columns " + columns();
                case 'D' -> "row " + values();
                case 'C' -> "done " + text();
                case 'E' -> "error " + field('C') + " " + field('M') + optional(" detail: ", 'D') + optional(" hint: ", 'H')
                        + optional(" at ", 'P');
                case 'N' -> "notice " + field('C') + " " + field('M');
                case 'Z' -> "ready " + (char) body[0];
                case 'I' -> "empty query";
                case '1' -> "parsed";
                case '2' -> "bound";
                case '3' -> "closed";
                case 'n' -> "no data";
                case 's' -> "suspended";
                case 't' -> "parameters " + parameters();
                case 'S' -> "parameter " + text().replace('\0', '=');
                case 'G' -> "copy in";
                case 'H' -> "copy out";
                case 'd' -> "data " + new String(body, StandardCharsets.UTF_8).stripTrailing();
                case 'c' -> "copied";
                case 'A' -> "notification " + new String(body, 4, body.length - 4, StandardCharsets.UTF_8).replace('\0', ' ');
                default -> "message " + type;
            };
        }

        private String optional(String prefix, char code) {
            var field = field(code);
            return field.isEmpty() ? "" : prefix + field;
        }

        private String text() {
            int end = body.length;
            while (end > 0 && body[end - 1] == 0) {
                end--;
            }
            return new String(body, 0, end, StandardCharsets.UTF_8);
        }

        private List<String> columns() {
            var in = reader();
            var columns = new ArrayList<String>();
            int count = in.getShort();
            for (int i = 0; i < count; i++) {
                var name = new ByteArrayOutputStream();
                for (byte b = in.get(); b != 0; b = in.get()) {
                    name.write(b);
                }
                // Table and column numbers differ from database to database.
                in.getInt();
                in.getShort();
                int type = in.getInt();
                int length = in.getShort();
                int modifier = in.getInt();
                columns.add(name.toString(StandardCharsets.UTF_8) + ":" + type + "/" + length + "/" + modifier + "/" + in.getShort());
            }
            return columns;
        }

        /** The values of a row as text; null is NULL. */
        public List<String> values() {
            var in = reader();
            var values = new ArrayList<String>();
            int count = in.getShort();
            for (int i = 0; i < count; i++) {
                int length = in.getInt();
                if (length < 0) {
                    values.add(null);
                } else {
                    var bytes = new byte[length];
                    in.get(bytes);
                    values.add(new String(bytes, StandardCharsets.UTF_8));
                }
            }
            return values;
        }

        private List<Integer> parameters() {
            var in = reader();
            var types = new ArrayList<Integer>();
            int count = in.getShort();
            for (int i = 0; i < count; i++) {
                types.add(in.getInt());
            }
            return types;
        }
    }

    private final SocketChannel channel;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private ByteBuffer in = ByteBuffer.allocate(1 << 16).flip();

    /** All that has come so far, when it is kept. */
    private ByteArrayOutputStream record;

    /** Sends in pieces of random size; null: in one piece. */
    private Random pieces;

    private WireClient(SocketChannel channel) {
        this.channel = channel;
    }

    // ---- connecting ----

    /** A connection that has said nothing yet. */
    public static WireClient open(SocketAddress address) throws IOException {
        var channel = SocketChannel.open(address);
        channel.configureBlocking(false);
        return new WireClient(channel);
    }

    public static SocketAddress tcp(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    public static SocketAddress unix(Path directory, int port) {
        return UnixDomainSocketAddress.of(directory.resolve(".s.PGSQL." + port));
    }

    /** A session that can be used; the server has to trust us. */
    public static WireClient connect(SocketAddress address, String user, String database) throws IOException {
        var client = open(address);
        client.startup(Map.of("user", user, "database", database, "client_encoding", "UTF8")).flush();
        client.untilReady();
        return client;
    }

    /** Keeps every byte that comes from here on, for {@link #recorded}. */
    public WireClient recording() {
        record = new ByteArrayOutputStream();
        return this;
    }

    public byte[] recorded() {
        return record.toByteArray();
    }

    /** From here on sends in pieces of a few bytes, as a bad network would deliver them. */
    public WireClient inPieces(long seed) throws IOException {
        pieces = new Random(seed);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return this;
    }

    public WireClient startup(Map<String, String> parameters) {
        return startup(PROTOCOL_3_0, parameters);
    }

    public WireClient startup(int version, Map<String, String> parameters) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(int32(version));
        parameters.forEach((name, value) -> {
            body.writeBytes(zeroEnded(name));
            body.writeBytes(zeroEnded(value));
        });
        body.write(0);
        out.writeBytes(ByteBuffer.allocate(4).putInt(body.size() + 4).array());
        out.writeBytes(body.toByteArray());
        return this;
    }

    // ---- writing ----

    public WireClient raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    public WireClient message(char type, byte[]... parts) {
        int length = 4;
        for (var part : parts) {
            length += part.length;
        }
        out.write(type);
        out.writeBytes(ByteBuffer.allocate(4).putInt(length).array());
        for (var part : parts) {
            out.writeBytes(part);
        }
        return this;
    }

    public static byte[] zeroEnded(String text) {
        return (text + "\0").getBytes(StandardCharsets.UTF_8);
    }

    public static byte[] int16(int... values) {
        var bytes = ByteBuffer.allocate(values.length * 2);
        for (int value : values) {
            bytes.putShort((short) value);
        }
        return bytes.array();
    }

    public static byte[] int32(int... values) {
        var bytes = ByteBuffer.allocate(values.length * 4);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    public WireClient query(String sql) {
        return message('Q', zeroEnded(sql));
    }

    public WireClient parse(String name, String sql, int... types) {
        return message('P', zeroEnded(name), zeroEnded(sql), int16(types.length), int32(types));
    }

    /** Parameters as text, results as text; null is NULL. */
    public WireClient bind(String portal, String statement, String... parameters) {
        return bind(portal, statement, 0, parameters);
    }

    public WireClient bind(String portal, String statement, int resultFormat, String... parameters) {
        var values = new ByteArrayOutputStream();
        for (var parameter : parameters) {
            if (parameter == null) {
                values.writeBytes(int32(-1));
            } else {
                var bytes = parameter.getBytes(StandardCharsets.UTF_8);
                values.writeBytes(int32(bytes.length));
                values.writeBytes(bytes);
            }
        }
        return message(
                'B', zeroEnded(portal), zeroEnded(statement), int16(0), int16(parameters.length), values.toByteArray(), int16(1, resultFormat));
    }

    /** {@code kind} is S or P. */
    public WireClient describe(char kind, String name) {
        return message('D', new byte[] {(byte) kind}, zeroEnded(name));
    }

    public WireClient execute(String portal, int limit) {
        return message('E', zeroEnded(portal), int32(limit));
    }

    public WireClient close(char kind, String name) {
        return message('C', new byte[] {(byte) kind}, zeroEnded(name));
    }

    public WireClient sync() {
        return message('S');
    }

    public WireClient copyData(String text) {
        return message('d', text.getBytes(StandardCharsets.UTF_8));
    }

    public WireClient flush() throws IOException {
        var bytes = ByteBuffer.wrap(out.toByteArray());
        out.reset();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int end = bytes.limit();
        while (bytes.hasRemaining()) {
            // Long messages would take for ever: their middle goes in one piece.
            if (pieces != null && (bytes.position() < 4_000 || end - bytes.position() < 4_000)) {
                bytes.limit(Math.min(end, bytes.position() + 1 + pieces.nextInt(9)));
            }
            int count = channel.write(bytes);
            bytes.limit(end);
            if (count == 0) {
                waitFor(SelectionKey.OP_WRITE, deadline);
            }
        }
        return this;
    }

    /** Sends what the other side takes of these bytes, from one of them on; 0 when it takes nothing for so long. */
    public int offer(byte[] bytes, int from, Duration patience) throws IOException {
        var rest = ByteBuffer.wrap(bytes, from, bytes.length - from);
        int taken = channel.write(rest);
        if (taken == 0) {
            try (var selector = Selector.open()) {
                channel.register(selector, SelectionKey.OP_WRITE);
                if (selector.select(patience.toMillis()) > 0) {
                    taken = channel.write(rest);
                }
            }
        }
        return taken;
    }

    /** Ends the connection as a crash would: the other side finds it reset. */
    public void reset() throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }

    /** What is written and not sent yet, for those who want to spoil it. */
    public byte[] takeWritten() {
        var bytes = out.toByteArray();
        out.reset();
        return bytes;
    }

    /** Nothing more comes from this side; the other may go on. */
    public WireClient shutdownOutput() throws IOException {
        channel.shutdownOutput();
        return this;
    }

    /** Sends byte by byte, as far as the network lets it be seen. */
    public WireClient flushSlowly() throws IOException, InterruptedException {
        var bytes = out.toByteArray();
        out.reset();
        for (byte b : bytes) {
            channel.write(ByteBuffer.wrap(new byte[] {b}));
            Thread.sleep(1);
        }
        return this;
    }

    // ---- reading ----

    private void waitFor(int operation, long deadline) throws IOException {
        try (var selector = Selector.open()) {
            channel.register(selector, operation);
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0 || selector.select(millis) == 0) {
                throw new IOException("nothing comes from the server");
            }
        }
    }

    private void need(int bytes, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (in.remaining() < bytes) {
            if (in.capacity() < bytes) {
                in = ByteBuffer.allocate(bytes * 2).put(in).flip();
            }
            in.compact();
            int from = in.position();
            int count = channel.read(in);
            in.flip();
            if (record != null && count > 0) {
                record.write(in.array(), from, count);
            }
            if (count < 0) {
                throw new EOFException("the server has closed the connection");
            }
            if (count == 0) {
                waitFor(SelectionKey.OP_READ, deadline);
            }
        }
    }

    public byte readByte() throws IOException {
        need(1, PATIENCE);
        return in.get();
    }

    public Message read() throws IOException {
        return read(PATIENCE);
    }

    public Message read(Duration patience) throws IOException {
        need(5, patience);
        int length = in.getInt(in.position() + 1);
        need(length + 1, patience);
        char type = (char) in.get();
        in.getInt();
        var body = new byte[length - 4];
        in.get(body);
        return new Message(type, body);
    }

    /** All messages up to and with ReadyForQuery. */
    public List<Message> untilReady() throws IOException {
        var messages = new ArrayList<Message>();
        while (messages.isEmpty() || messages.getLast().type() != 'Z') {
            var message = read();
            messages.add(message);
            if (message.type() == 'E' && message.field('S').equals("FATAL")) {
                throw new IOException(message.toString());
            }
        }
        return messages;
    }

    /** Messages up to and with one of this type. */
    public List<Message> until(char type) throws IOException {
        var messages = new ArrayList<Message>();
        while (messages.isEmpty() || messages.getLast().type() != type) {
            messages.add(read());
        }
        return messages;
    }

    /** Whatever still comes, up to the server's close, is only recorded; the end by a reset counts as one. */
    public void untilClosed() throws IOException {
        try {
            while (true) {
                in.position(in.limit());
                need(1, PATIENCE);
            }
        } catch (EOFException e) {
            return;
        } catch (IOException e) {
            if (!isReset(e)) {
                throw e;
            }
        }
    }

    /** Sends what is written, if anybody still listens, and reads up to the end. */
    public void leave() throws IOException {
        try {
            flush();
        } catch (IOException e) {
            // Closed by the server, or by this side before.
            if (!isReset(e) && !(e instanceof ClosedChannelException)) {
                throw e;
            }
        }
        untilClosed();
    }

    private static boolean isReset(IOException e) {
        return e.getMessage() != null && (e.getMessage().contains("reset") || e.getMessage().contains("Broken pipe"));
    }

    /** What a simple query brings, written down. */
    public List<String> simple(String sql) throws IOException {
        query(sql).flush();
        return lines(untilReady());
    }

    public static List<String> lines(List<Message> messages) {
        return messages.stream().map(Message::toString).toList();
    }

    /** True when the server closes within the time; what it says before is thrown away. */
    public boolean closesWithin(Duration patience) throws IOException {
        try {
            while (true) {
                read(patience);
            }
        } catch (EOFException e) {
            return true;
        } catch (IOException e) {
            return isReset(e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
