package dev.holdfast.server.session;

import io.netty.buffer.ByteBuf;
import java.util.HexFormat;

/** What a CancelRequest names a session by: the backend's pid and its secret, of 4 bytes or (protocol 3.2) up to 256. */
record CancelKey(int processId, String secret) {
    /** From BackendKeyData or CancelRequest: both have pid and secret at the end of the message. */
    static CancelKey decode(ByteBuf message, int from, int to) {
        var secret = new byte[to - from - 4];
        message.getBytes(from + 4, secret);
        return new CancelKey(message.getInt(from), HexFormat.of().formatHex(secret));
    }

    @Override
    public String toString() {
        return "backend " + processId;
    }
}
