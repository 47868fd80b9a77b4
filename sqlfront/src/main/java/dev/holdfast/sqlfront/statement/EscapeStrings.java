package dev.holdfast.sqlfront.statement;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The inside of an E'...' literal: backslash escapes as PostgreSQL reads them. */
final class EscapeStrings {
    private static final HoldfastException INVALID =
            HoldfastException.of(SqlState.SYNTAX_ERROR, "invalid escape in a string literal");

    private EscapeStrings() {}

    static String decode(String body, int position) {
        // \x41 and \101 are bytes of UTF-8, so the whole is put together as bytes.
        var bytes = ByteBuffer.allocate(body.length() * 4);
        for (int i = 0; i < body.length(); ) {
            char c = body.charAt(i);
            if (c == '\'') {
                bytes.put((byte) '\'');
                i += 2;
            } else if (c != '\\') {
                int point = body.codePointAt(i);
                put(bytes, point);
                i += Character.charCount(point);
            } else {
                i = escape(body, i + 1, bytes, position);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw INVALID.at(position);
        }
    }

    /** Decodes the escape whose letter stands at {@code i}; returns where the text goes on. */
    private static int escape(String body, int i, ByteBuffer bytes, int position) {
        char letter = body.charAt(i);
        return switch (letter) {
            case 'b' -> simple(bytes, '\b', i);
            case 'f' -> simple(bytes, '\f', i);
            case 'n' -> simple(bytes, '\n', i);
            case 'r' -> simple(bytes, '\r', i);
            case 't' -> simple(bytes, '\t', i);
            case 'x' -> number(body, i + 1, 16, 1, 2, bytes, position);
            case 'u' -> unicode(body, i + 1, 4, bytes, position);
            case 'U' -> unicode(body, i + 1, 8, bytes, position);
            case '0', '1', '2', '3', '4', '5', '6', '7' -> number(body, i, 8, 1, 3, bytes, position);
            default -> {
                int point = body.codePointAt(i);
                put(bytes, point);
                yield i + Character.charCount(point);
            }
        };
    }

    private static int simple(ByteBuffer bytes, char c, int i) {
        bytes.put((byte) c);
        return i + 1;
    }

    private static int number(String body, int from, int radix, int least, int most, ByteBuffer bytes, int position) {
        int to = from;
        int value = 0;
        while (to < body.length() && to - from < most && Character.digit(body.charAt(to), radix) >= 0) {
            value = value * radix + Character.digit(body.charAt(to), radix);
            to++;
        }
        if (to - from < least || value == 0) {
            throw INVALID.at(position);
        }
        bytes.put((byte) value);
        return to;
    }

    private static int unicode(String body, int from, int digits, ByteBuffer bytes, int position) {
        if (from + digits > body.length()) {
            throw INVALID.at(position);
        }
        try {
            int point = Integer.parseInt(body, from, from + digits, 16);
            if (point == 0 || !Character.isValidCodePoint(point) || point >= 0xD800 && point <= 0xDFFF) {
                throw INVALID.at(position);
            }
            put(bytes, point);
            return from + digits;
        } catch (NumberFormatException e) {
            throw INVALID.at(position);
        }
    }

    private static void put(ByteBuffer bytes, int codePoint) {
        bytes.put(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
    }
}
