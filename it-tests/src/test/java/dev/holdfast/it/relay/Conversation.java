package dev.holdfast.it.relay;

import dev.holdfast.it.support.WireClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one client says and hears, message by message. Held once with PostgreSQL and once through Holdfast; the client must
 * hear the same bytes.
 *
 * @param startup the parameters it begins with, or null: the talk sends its own first packet
 * @param ready whether the talk begins when the session is ready, else before anything has been sent
 * @param answers bytes of answers to SSLRequest and the like, which come before the first message
 */
record Conversation(String name, int version, Map<String, String> startup, boolean ready, int answers, Talk talk) {
    static final String DATABASE = "conversations";

    interface Talk {
        void hold(WireClient client, Place place) throws Exception;
    }

    /** One of the two sides that are compared. */
    interface Place {
        /** Another client on the same side. */
        WireClient connect() throws Exception;
    }

    static Conversation of(String name, Talk talk) {
        return of(name, Map.of(), talk);
    }

    static Conversation of(String name, Map<String, String> parameters, Talk talk) {
        return new Conversation(name, WireClient.PROTOCOL_3_0, with(parameters), true, 0, talk);
    }

    /** The startup packet is written, and sent with whatever the talk says first. */
    static Conversation starting(String name, int version, Map<String, String> parameters, Talk talk) {
        return new Conversation(name, version, with(parameters), false, 0, talk);
    }

    /** Nothing has been written. */
    static Conversation raw(String name, int answers, Talk talk) {
        return new Conversation(name, 0, null, false, answers, talk);
    }

    static Map<String, String> with(Map<String, String> parameters) {
        var all = new LinkedHashMap<String, String>();
        all.put("user", "postgres");
        all.put("database", DATABASE);
        all.put("client_encoding", "UTF8");
        all.putAll(parameters);
        return all;
    }

    /**
     * What was heard, byte for byte, one string a message; without what must differ: pid and secret of the session, pids of
     * those who notify.
     */
    List<String> messages(byte[] heard) {
        var messages = new ArrayList<String>();
        int start = Math.min(answers, heard.length);
        messages.add(new String(heard, 0, start, StandardCharsets.ISO_8859_1));
        var in = ByteBuffer.wrap(heard);
        in.position(start);
        while (in.remaining() >= 5) {
            int length = in.getInt(in.position() + 1) + 1;
            if (length < 5 || in.remaining() < length) {
                break;
            }
            var message = new byte[length];
            in.get(message);
            switch (message[0]) {
                case 'K' -> Arrays.fill(message, 5, length, (byte) 0);
                case 'A' -> Arrays.fill(message, 5, 9, (byte) 0);
                default -> {
                    // Everything else is the same, or Holdfast is to be noticed.
                }
            }
            messages.add(new String(message, StandardCharsets.ISO_8859_1));
        }
        messages.add(new String(heard, in.position(), in.remaining(), StandardCharsets.ISO_8859_1));
        return messages;
    }

    @Override
    public String toString() {
        return name;
    }
}
