package dev.holdfast.engine.collection;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Where a full backup lies in its collection, with the leading slash: {@code /2026/03/01-120000.00}, the end time in UTC
 * with its hundredths cut off, not rounded.
 */
public record BackupPath(String value) {
    private static final DateTimeFormatter LAYOUT =
            DateTimeFormatter.ofPattern("'/'yyyy/MM/dd-HHmmss").withZone(ZoneOffset.UTC);

    public static BackupPath of(Instant endTime) {
        return new BackupPath("%s.%02d".formatted(LAYOUT.format(endTime), endTime.getNano() / 10_000_000));
    }

    /** What a user typed: the leading slash may be missing, one at the end is harmless. */
    public static BackupPath typed(String text) {
        var start = text.startsWith("/") ? text.substring(1) : text;
        return new BackupPath("/" + (start.endsWith("/") ? start.substring(0, start.length() - 1) : start));
    }

    @Override
    public String toString() {
        return value;
    }
}
