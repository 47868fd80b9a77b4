package dev.holdfast.server.wire;

import dev.holdfast.sqlfront.result.ColumnType;
import io.netty.buffer.ByteBuf;
import java.nio.charset.Charset;
import java.time.Duration;
import java.time.Instant;

/** Values in PostgreSQL's binary format. */
final class BinaryValues {
    private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private BinaryValues() {}

    static void write(ByteBuf out, ColumnType type, Object value, Charset charset) {
        switch (type) {
            case BOOL -> out.writeByte((Boolean) value ? 1 : 0);
            case INT8 -> out.writeLong((Long) value);
            case FLOAT8 -> out.writeDouble((Double) value);
            case TEXT -> out.writeBytes(((String) value).getBytes(charset));
            case TIMESTAMP, TIMESTAMPTZ -> out.writeLong(micros((Instant) value));
            case JSONB -> {
                out.writeByte(1);
                out.writeBytes(((String) value).getBytes(charset));
            }
            case TEXT_ARRAY -> textArray(out, (String[]) value, charset);
        }
    }

    private static long micros(Instant time) {
        var since = Duration.between(POSTGRES_EPOCH, time);
        return Math.addExact(Math.multiplyExact(since.getSeconds(), 1_000_000L), since.getNano() / 1000);
    }

    /** int32 dimensions, int32 whether there are nulls, element type, then per dimension size and lower bound, then elements. */
    private static void textArray(ByteBuf out, String[] elements, Charset charset) {
        out.writeInt(elements.length == 0 ? 0 : 1);
        out.writeInt(0);
        out.writeInt(ColumnType.TEXT.oid());
        if (elements.length == 0) {
            return;
        }
        out.writeInt(elements.length);
        out.writeInt(1);
        for (var element : elements) {
            var bytes = element.getBytes(charset);
            out.writeInt(bytes.length);
            out.writeBytes(bytes);
        }
    }
}
