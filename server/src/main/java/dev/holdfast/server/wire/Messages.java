package dev.holdfast.server.wire;

import dev.holdfast.engine.error.HoldfastException;
import io.netty.buffer.ByteBuf;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Writes messages of our own into a buffer. Every message is a type byte, an int32 length that counts itself and the body,
 * and the body; strings end with a zero byte.
 */
public final class Messages {
    private Messages() {}

    /** The place of the length, to be handed to {@link #end}. */
    private static int begin(ByteBuf out, int type) {
        out.writeByte(type);
        out.writeInt(0);
        return out.writerIndex() - 4;
    }

    private static void end(ByteBuf out, int lengthAt) {
        out.setInt(lengthAt, out.writerIndex() - lengthAt);
    }

    private static void string(ByteBuf out, String text, Charset charset) {
        // A zero byte would end the string early and turn the rest into other fields.
        out.writeBytes(text.replace("\0", "").getBytes(charset));
        out.writeByte(0);
    }

    private static void field(ByteBuf out, char code, String text, Charset charset) {
        out.writeByte(code);
        string(out, text, charset);
    }

    /** {@code severity} is ERROR or FATAL. */
    public static void error(ByteBuf out, String severity, HoldfastException e, Charset charset) {
        int at = begin(out, Backend.ERROR_RESPONSE);
        field(out, 'S', severity, charset);
        field(out, 'V', severity, charset);
        field(out, 'C', e.state().code(), charset);
        field(out, 'M', e.getMessage(), charset);
        e.detail().ifPresent(detail -> field(out, 'D', detail, charset));
        e.hint().ifPresent(hint -> field(out, 'H', hint, charset));
        if (e.position() > 0) {
            field(out, 'P', Integer.toString(e.position()), charset);
        }
        out.writeByte(0);
        end(out, at);
    }

    /** Before a session has agreed on an encoding: what is ASCII in all of them. */
    public static void fatal(ByteBuf out, HoldfastException e) {
        error(out, "FATAL", e, StandardCharsets.UTF_8);
    }

    public static void notice(ByteBuf out, String message, Charset charset) {
        int at = begin(out, Backend.NOTICE_RESPONSE);
        field(out, 'S', "NOTICE", charset);
        field(out, 'V', "NOTICE", charset);
        field(out, 'C', "00000", charset);
        field(out, 'M', message, charset);
        out.writeByte(0);
        end(out, at);
    }

    public static void commandComplete(ByteBuf out, String tag) {
        int at = begin(out, Backend.COMMAND_COMPLETE);
        string(out, tag, StandardCharsets.US_ASCII);
        end(out, at);
    }

    public static void readyForQuery(ByteBuf out, byte status) {
        int at = begin(out, Backend.READY_FOR_QUERY);
        out.writeByte(status);
        end(out, at);
    }

    public static void empty(ByteBuf out, byte type) {
        end(out, begin(out, type));
    }

    public static void parameterDescription(ByteBuf out, int[] typeOids) {
        int at = begin(out, Backend.PARAMETER_DESCRIPTION);
        out.writeShort(typeOids.length);
        for (int oid : typeOids) {
            out.writeInt(oid);
        }
        end(out, at);
    }

    /** Begins a message whose body the caller writes; hand the result to {@link #finish}. */
    public static int start(ByteBuf out, byte type) {
        return begin(out, type);
    }

    public static void finish(ByteBuf out, int started) {
        end(out, started);
    }

    // Messages of a client, as the session sends them upstream for steps of its own.

    public static void query(ByteBuf out, String sql, Charset charset) {
        int at = begin(out, Frontend.QUERY);
        string(out, sql, charset);
        end(out, at);
    }

    public static void parse(ByteBuf out, String name, String sql, int[] parameterOids, Charset charset) {
        int at = begin(out, Frontend.PARSE);
        string(out, name, charset);
        string(out, sql, charset);
        out.writeShort(parameterOids.length);
        for (int oid : parameterOids) {
            out.writeInt(oid);
        }
        end(out, at);
    }

    /**
     * Asks for all results as text.
     *
     * @param parameters formats and values as they stand in a Bind, or null for none
     */
    public static void bind(ByteBuf out, String portal, String statement, ByteBuf parameters, Charset charset) {
        int at = begin(out, Frontend.BIND);
        string(out, portal, charset);
        string(out, statement, charset);
        if (parameters == null) {
            out.writeShort(0);
            out.writeShort(0);
        } else {
            out.writeBytes(parameters);
        }
        out.writeShort(0);
        end(out, at);
    }

    /** {@code kind} is S for a statement, P for a portal. */
    public static void describe(ByteBuf out, byte kind, String name, Charset charset) {
        int at = begin(out, Frontend.DESCRIBE);
        out.writeByte(kind);
        string(out, name, charset);
        end(out, at);
    }

    public static void execute(ByteBuf out, String portal, Charset charset) {
        int at = begin(out, Frontend.EXECUTE);
        string(out, portal, charset);
        out.writeInt(0);
        end(out, at);
    }

    public static void flush(ByteBuf out) {
        empty(out, Frontend.FLUSH);
    }

    public static void terminate(ByteBuf out) {
        empty(out, Frontend.TERMINATE);
    }
}
