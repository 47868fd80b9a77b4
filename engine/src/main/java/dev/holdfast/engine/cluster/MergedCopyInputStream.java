package dev.holdfast.engine.cluster;

import java.io.IOException;
import java.io.InputStream;

/**
 * Merges adjacent CopyData messages of a server's stream into large ones.
 *
 * <p>PostgreSQL sends every row of a COPY as a message of its own ({@code 'd'}, int32 length, payload), and a driver
 * allocates and dispatches once per message; with small rows that costs more than everything else a backup does in this
 * process. Where the boundaries lie has no meaning in the protocol, so this stream, which stands between the socket and
 * the driver, rewrites what has already arrived: complete CopyData messages that follow one another become one message
 * of their joined payloads. All other messages, and CopyData that has not arrived as a whole, pass through untouched.
 *
 * <p>Nothing is delayed: the stream reads from the socket only when it has nothing left to give.
 */
final class MergedCopyInputStream extends InputStream {
    private static final int HEADER = 5;
    private static final int CAPACITY = 256 * 1024;

    private final InputStream in;
    private final byte[] buffer = new byte[CAPACITY];

    /** buffer[next, ready) can be given out; buffer[raw, end) has been read but not looked at. */
    private int next;

    private int ready;
    private int raw;
    private int end;

    /** Bytes of a message that is being passed through and whose rest has not been looked at. */
    private int passing;

    /** The server's one-byte answer to SSLRequest, if the driver sent one, precedes the first message. */
    private boolean atStart = true;

    /** The stream is encrypted from here on; its bytes are not messages. */
    private boolean opaque;

    MergedCopyInputStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        if (next == ready && !fill()) {
            return -1;
        }
        return buffer[next++] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (next == ready && !fill()) {
            return -1;
        }
        int count = Math.min(length, ready - next);
        System.arraycopy(buffer, next, target, offset, count);
        next += count;
        return count;
    }

    @Override
    public int available() throws IOException {
        return ready - next + end - raw + in.available();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Makes [next, ready) non-empty; false at the end of the stream. */
    private boolean fill() throws IOException {
        System.arraycopy(buffer, raw, buffer, 0, end - raw);
        end -= raw;
        raw = 0;
        next = 0;
        ready = 0;
        prepare();
        while (ready == 0) {
            int count = in.read(buffer, end, CAPACITY - end);
            if (count < 0) {
                // A truncated message is the driver's to report.
                ready = end;
                raw = end;
                return ready > 0;
            }
            end += count;
            prepare();
        }
        return true;
    }

    /** Moves as much of [raw, end) as can be judged into [next, ready). */
    private void prepare() {
        if (atStart && end > raw) {
            atStart = false;
            byte first = buffer[raw];
            if (first == 'N' || first == 'G') {
                giveOut(1);
            } else {
                // 'S' accepts TLS, 0x16 begins a TLS handshake; an ordinary stream begins with a message 'R', 'E' or 'v'.
                opaque = first == 'S' || first == 0x16;
            }
        }
        if (opaque) {
            giveOut(end - raw);
            return;
        }
        while (true) {
            if (passing > 0) {
                int count = Math.min(passing, end - raw);
                giveOut(count);
                passing -= count;
            }
            if (end - raw < HEADER) {
                return;
            }
            int size = sizeAt(raw);
            if (buffer[raw] == 'd' && size <= end - raw) {
                merge();
                return;
            }
            passing = size;
        }
    }

    private void giveOut(int count) {
        raw += count;
        ready = raw;
    }

    private void merge() {
        int start = raw;
        int write = raw + HEADER;
        while (end - raw >= HEADER && buffer[raw] == 'd') {
            int size = sizeAt(raw);
            if (size > end - raw) {
                break;
            }
            System.arraycopy(buffer, raw + HEADER, buffer, write, size - HEADER);
            write += size - HEADER;
            raw += size;
        }
        int length = write - start - 1;
        buffer[start + 1] = (byte) (length >>> 24);
        buffer[start + 2] = (byte) (length >>> 16);
        buffer[start + 3] = (byte) (length >>> 8);
        buffer[start + 4] = (byte) length;
        ready = write;
    }

    /** Of the whole message, type byte included. */
    private int sizeAt(int at) {
        return 1
                + ((buffer[at + 1] & 0xff) << 24
                        | (buffer[at + 2] & 0xff) << 16
                        | (buffer[at + 3] & 0xff) << 8
                        | buffer[at + 4] & 0xff);
    }
}
