package dev.holdfast.server.login;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Bodies of the client's messages in a SASL exchange:
 * <pre>
 * SASLInitialResponse  mechanism, zero byte, int32 length or -1, that many bytes
 * SASLResponse         bytes
 * PasswordMessage      password, zero byte
 * </pre>
 */
final class SaslMessages {
    private SaslMessages() {}

    record Initial(String mechanism, String response) {}

    static Initial initial(byte[] body) {
        int zero = indexOfZero(body);
        if (zero < 0 || body.length < zero + 5) {
            throw malformed();
        }
        int length = ByteBuffer.wrap(body, zero + 1, 4).getInt();
        if (length < 0 || length != body.length - zero - 5) {
            throw malformed();
        }
        return new Initial(
                new String(body, 0, zero, StandardCharsets.US_ASCII), new String(body, zero + 5, length, StandardCharsets.UTF_8));
    }

    static byte[] initial(String mechanism, String response) {
        var name = mechanism.getBytes(StandardCharsets.US_ASCII);
        var bytes = response.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(name.length + 5 + bytes.length)
                .put(name)
                .put((byte) 0)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    static String password(byte[] body) {
        int zero = indexOfZero(body);
        if (zero < 0) {
            throw malformed();
        }
        return new String(body, 0, zero, StandardCharsets.UTF_8);
    }

    static String text(byte[] body) {
        return new String(body, StandardCharsets.UTF_8);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] zeroEnded(String text) {
        return (text + "\0").getBytes(StandardCharsets.UTF_8);
    }

    private static int indexOfZero(byte[] body) {
        for (int i = 0; i < body.length; i++) {
            if (body[i] == 0) {
                return i;
            }
        }
        return -1;
    }

    private static HoldfastException malformed() {
        return HoldfastException.of(SqlState.PROTOCOL_VIOLATION, "malformed authentication message");
    }
}
