package dev.holdfast.server.session;

import dev.holdfast.server.wire.ClientEncoding;
import dev.holdfast.server.wire.DateStyle;
import io.netty.buffer.ByteBuf;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** What the upstream has reported by ParameterStatus, as far as reading SQL and printing results depends on it. */
final class SessionParameters {
    private Charset charset = StandardCharsets.UTF_8;
    private boolean standardConformingStrings = true;
    private String dateStyle = "ISO, MDY";
    private String timeZone = "UTC";

    /** The body of a ParameterStatus: name and value, each ended by a zero byte. */
    void report(ByteBuf buffer, int from, int to) {
        int nameEnd = buffer.indexOf(from, to, (byte) 0);
        int valueEnd = nameEnd < 0 ? -1 : buffer.indexOf(nameEnd + 1, to, (byte) 0);
        if (valueEnd < 0) {
            return;
        }
        var name = buffer.toString(from, nameEnd - from, StandardCharsets.US_ASCII);
        var value = buffer.toString(nameEnd + 1, valueEnd - nameEnd - 1, StandardCharsets.UTF_8);
        switch (name) {
            case "client_encoding" -> charset = ClientEncoding.charset(value);
            case "standard_conforming_strings" -> standardConformingStrings = value.equals("on");
            case "DateStyle" -> dateStyle = value;
            case "TimeZone" -> timeZone = value;
            default -> {
                // The others are the client's business.
            }
        }
    }

    Charset charset() {
        return charset;
    }

    boolean standardConformingStrings() {
        return standardConformingStrings;
    }

    DateStyle dateStyle() {
        return DateStyle.of(dateStyle, timeZone);
    }
}
