package dev.holdfast.server.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;

/** Reads the body of one message; what does not fit into the body is {@link Malformed}. */
public final class MessageReader {
    private final ByteBuf buffer;
    private final int end;
    private final Charset charset;
    private int at;

    public MessageReader(ByteBuf buffer, int from, int end, Charset charset) {
        this.buffer = buffer;
        this.at = from;
        this.end = end;
        this.charset = charset;
    }

    public static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Malformed() {
            super("invalid message format", null, false, false);
        }
    }

    private int advance(int bytes) {
        if (bytes < 0 || end - at < bytes) {
            throw new Malformed();
        }
        at += bytes;
        return at - bytes;
    }

    public int position() {
        return at;
    }

    public boolean hasMore() {
        return at < end;
    }

    /** Null when the zero byte is not there. */
    public String string() {
        int zero = at < end ? buffer.indexOf(at, end, (byte) 0) : -1;
        if (zero < 0) {
            return null;
        }
        var text = buffer.toString(at, zero - at, charset);
        at = zero + 1;
        return text;
    }

    public String requiredString() {
        var text = string();
        if (text == null) {
            throw new Malformed();
        }
        return text;
    }

    public byte readByte() {
        return buffer.getByte(advance(1));
    }

    public int uint16() {
        return buffer.getUnsignedShort(advance(2));
    }

    public int int32() {
        return buffer.getInt(advance(4));
    }

    public short[] int16Array(int count) {
        var values = new short[count];
        for (int i = 0; i < count; i++) {
            values[i] = buffer.getShort(advance(2));
        }
        return values;
    }

    public int[] int32Array(int count) {
        var values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = int32();
        }
        return values;
    }

    public String text(int length) {
        return buffer.toString(advance(length), length, charset);
    }

    /** A binary integer of 2, 4 or 8 bytes. */
    public long integer(int length) {
        int from = advance(length);
        return switch (length) {
            case 2 -> buffer.getShort(from);
            case 4 -> buffer.getInt(from);
            case 8 -> buffer.getLong(from);
            default -> throw new Malformed();
        };
    }

    /** The values of a DataRow in text form. */
    public List<String> dataRow() {
        int count = uint16();
        var values = new ArrayList<String>(count);
        for (int i = 0; i < count; i++) {
            int length = int32();
            values.add(length < 0 ? null : text(length));
        }
        return values;
    }

    /** Part of the message, still in the buffer. */
    public ByteBuf slice(int from, int to) {
        return buffer.slice(from, to - from);
    }
}
