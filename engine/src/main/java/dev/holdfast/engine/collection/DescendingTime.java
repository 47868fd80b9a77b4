package dev.holdfast.engine.collection;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;

/**
 * A time as hexadecimal text whose order is reversed, so that a listing, which is sorted by name, begins with the newest.
 *
 * <p>Byte {@code 0x13}, the complement of every byte of Go's text form of the time, then {@code ff fe}.
 */
final class DescendingTime {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    private DescendingTime() {}

    static String encode(Instant time) {
        var bytes = new ByteArrayOutputStream();
        bytes.write(0x13);
        for (byte b : goText(time).getBytes(StandardCharsets.US_ASCII)) {
            bytes.write(~b);
        }
        bytes.write(0xff);
        bytes.write(0xfe);
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    /** As Go prints a time: no trailing zeros in the fraction, and no point when there is none. */
    static String goText(Instant time) {
        var fraction = "";
        if (time.getNano() != 0) {
            fraction = ".%09d".formatted(time.getNano());
            int end = fraction.length();
            while (fraction.charAt(end - 1) == '0') {
                end--;
            }
            fraction = fraction.substring(0, end);
        }
        return SECONDS.format(time) + fraction + " +0000 UTC";
    }
}
