package dev.holdfast.server.wire;

import dev.holdfast.sqlfront.result.ColumnType;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Values in PostgreSQL's text format. */
final class TextValues {
    private TextValues() {}

    static String format(ColumnType type, Object value, DateStyle dateStyle) {
        return switch (type) {
            case BOOL -> (Boolean) value ? "t" : "f";
            case INT8 -> Long.toString((Long) value);
            case FLOAT8 -> float8((Double) value);
            case TEXT, JSONB -> (String) value;
            case TIMESTAMP -> dateStyle.timestamp((Instant) value);
            case TIMESTAMPTZ -> dateStyle.timestampWithZone((Instant) value);
            case TEXT_ARRAY ->
                Arrays.stream((String[]) value).map(TextValues::element).collect(Collectors.joining(",", "{", "}"));
        };
    }

    /** The shortest text that reads back as the same number, whole numbers without a point: PostgreSQL's since 12. */
    private static String float8(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.toString(value);
        }
        double size = Math.abs(value);
        if (size >= 1e-4 && size < 1e15) {
            return new BigDecimal(Double.toString(value)).toPlainString();
        }
        var parts = Double.toString(value).split("E");
        int exponent = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
        var mantissa = parts[0].endsWith(".0") ? parts[0].substring(0, parts[0].length() - 2) : parts[0];
        return mantissa + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    /** Quoted where array syntax needs it. */
    private static String element(String text) {
        boolean quote = text.isEmpty() || text.equalsIgnoreCase("null");
        for (int i = 0; i < text.length() && !quote; i++) {
            char c = text.charAt(i);
            quote = c == '{' || c == '}' || c == ',' || c == '"' || c == '\\' || Character.isWhitespace(c);
        }
        return quote ? "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"" : text;
    }
}
