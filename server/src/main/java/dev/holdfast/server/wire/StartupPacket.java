package dev.holdfast.server.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The first message of a session: int32 length, int32 protocol version, then name and value strings, then a zero byte. It
 * goes upstream exactly as it came; what is read from it here is for our own use.
 */
public record StartupPacket(int version, Map<String, String> parameters) {
    /** Of a packet whose protocol we do not know nothing is read, of a malformed one what there is: the upstream refuses it. */
    public static StartupPacket decode(ByteBuf packet) {
        int version = packet.getInt(packet.readerIndex() + 4);
        var parameters = new LinkedHashMap<String, String>();
        if (StartupCode.majorVersion(version) == 3) {
            int at = packet.readerIndex() + 8;
            int end = packet.writerIndex();
            while (at < end && packet.getByte(at) != 0) {
                int nameEnd = packet.indexOf(at, end, (byte) 0);
                int valueEnd = nameEnd < 0 || nameEnd + 1 == end ? -1 : packet.indexOf(nameEnd + 1, end, (byte) 0);
                if (valueEnd < 0) {
                    break;
                }
                parameters.put(text(packet, at, nameEnd), text(packet, nameEnd + 1, valueEnd));
                at = valueEnd + 1;
            }
        }
        return new StartupPacket(version, parameters);
    }

    private static String text(ByteBuf packet, int from, int to) {
        return packet.toString(from, to - from, StandardCharsets.UTF_8);
    }

    public String user() {
        return parameters.getOrDefault("user", "");
    }

    public String database() {
        var database = parameters.getOrDefault("database", "");
        return database.isEmpty() ? user() : database;
    }

    /** A walsender: its queries are replication commands, and its stream is none of ours. */
    public boolean isReplication() {
        var value = parameters.getOrDefault("replication", "false");
        return !value.equals("false") && !value.equals("off") && !value.equals("no") && !value.equals("0");
    }
}
