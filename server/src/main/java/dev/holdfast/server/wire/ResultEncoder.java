package dev.holdfast.server.wire;

import dev.holdfast.sqlfront.result.Column;
import io.netty.buffer.ByteBuf;
import java.nio.charset.Charset;
import java.util.List;

/**
 * Encodes the rows of own results: in the format the client asked for per column, in its encoding and date style.
 *
 * @param formats as in Bind: none (all text), one for all, or one per column; 0 is text, 1 is binary
 */
public record ResultEncoder(List<Column> columns, short[] formats, Charset charset, DateStyle dateStyle) {
    public void rowDescription(ByteBuf out) {
        int at = Messages.start(out, Backend.ROW_DESCRIPTION);
        out.writeShort(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            var column = columns.get(i);
            out.writeBytes(column.name().getBytes(charset));
            out.writeByte(0);
            out.writeInt(0);
            out.writeShort(0);
            out.writeInt(column.type().oid());
            out.writeShort(column.type().length());
            out.writeInt(-1);
            out.writeShort(isBinary(i) ? 1 : 0);
        }
        Messages.finish(out, at);
    }

    public void dataRow(ByteBuf out, Object[] values) {
        int at = Messages.start(out, Backend.DATA_ROW);
        out.writeShort(values.length);
        for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
                out.writeInt(-1);
                continue;
            }
            int lengthAt = out.writerIndex();
            out.writeInt(0);
            var type = columns.get(i).type();
            if (isBinary(i)) {
                BinaryValues.write(out, type, values[i], charset);
            } else {
                out.writeBytes(TextValues.format(type, values[i], dateStyle).getBytes(charset));
            }
            out.setInt(lengthAt, out.writerIndex() - lengthAt - 4);
        }
        Messages.finish(out, at);
    }

    private boolean isBinary(int column) {
        return switch (formats.length) {
            case 0 -> false;
            case 1 -> formats[0] == 1;
            default -> formats[column] == 1;
        };
    }

    /** For results of the simple protocol. */
    public static ResultEncoder text(List<Column> columns, Charset charset, DateStyle dateStyle) {
        return new ResultEncoder(columns, new short[0], charset, dateStyle);
    }
}
