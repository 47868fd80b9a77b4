package dev.holdfast.engine.system;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;

/** Sizes as people write them: {@code 128 MiB}, {@code 64MB}, {@code 1024}. */
public final class ByteSize {
    private static final Map<String, Long> UNITS = Map.ofEntries(
            Map.entry("", 1L),
            Map.entry("B", 1L),
            Map.entry("KIB", 1L << 10),
            Map.entry("MIB", 1L << 20),
            Map.entry("GIB", 1L << 30),
            Map.entry("TIB", 1L << 40),
            Map.entry("K", 1000L),
            Map.entry("KB", 1000L),
            Map.entry("M", 1000_000L),
            Map.entry("MB", 1000_000L),
            Map.entry("G", 1000_000_000L),
            Map.entry("GB", 1000_000_000L),
            Map.entry("TB", 1000_000_000_000L));

    private ByteSize() {}

    /** Throws IllegalArgumentException for anything else. */
    public static long parse(String text) {
        int digits = 0;
        while (digits < text.length() && (Character.isDigit(text.charAt(digits)) || text.charAt(digits) == '.')) {
            digits++;
        }
        var unit = UNITS.get(text.substring(digits).strip().toUpperCase(Locale.ROOT));
        if (digits == 0 || unit == null) {
            throw new IllegalArgumentException("not a size: " + text);
        }
        try {
            return new BigDecimal(text.substring(0, digits)).multiply(BigDecimal.valueOf(unit)).toBigInteger().longValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("not a size: " + text, e);
        }
    }

    /** With the largest unit that gives at least one, and at most one decimal. */
    public static String format(long bytes) {
        var units = new String[] {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return value == Math.rint(value)
                ? "%.0f %s".formatted(value, units[unit])
                : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
