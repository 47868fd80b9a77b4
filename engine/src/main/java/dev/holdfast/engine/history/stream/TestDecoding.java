package dev.holdfast.engine.history.stream;

import dev.holdfast.engine.cluster.Lsn;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the messages of PostgreSQL's output plugin {@code test_decoding}:
 *
 * <pre>
 * BEGIN 895
 * table public.t: INSERT: id[integer]:1 v[text]:'it''s' b[boolean]:true n[numeric]:1.5 x[bit]:B'101' y[text]:null
 * table public.t: UPDATE: old-key: id[integer]:1 ... new-tuple: id[integer]:1 v[text]:unchanged-toast-datum ...
 * table public.t: DELETE: id[integer]:2 ...
 * table public.t, public.u: TRUNCATE: restart_seqs cascade
 * message: transactional: 1 prefix: p, sz: 5 content:hello
 * COMMIT 895 (at 2026-11-21 12:41:28.304814+00)
 * </pre>
 *
 * Names of tables and columns are quoted where SQL needs quotes, types are as format_type prints them, strings have their
 * quotes doubled and everything else raw. The session that reads has pinned DateStyle, TimeZone and bytea_output.
 */
public final class TestDecoding {
    private static final byte[] TABLE = ascii("table ");
    private static final byte[] BEGIN = ascii("BEGIN ");
    private static final byte[] COMMIT = ascii("COMMIT ");
    private static final byte[] MESSAGE = ascii("message: transactional: ");
    private static final byte[] INSERT = ascii("INSERT:");
    private static final byte[] UPDATE = ascii("UPDATE:");
    private static final byte[] DELETE = ascii("DELETE:");
    private static final byte[] TRUNCATE = ascii("TRUNCATE:");
    private static final byte[] OLD_KEY = ascii(" old-key:");
    private static final byte[] NEW_TUPLE = ascii(" new-tuple:");
    private static final byte[] NO_DATA = ascii(" (no-tuple-data)");
    private static final byte[] PREFIX = ascii(" prefix: ");
    private static final byte[] SIZE = ascii(", sz: ");
    private static final byte[] CONTENT = ascii(" content:");
    private static final byte[] AT = ascii(" (at ");
    private static final byte[] NULL = ascii("null");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] UNCHANGED = ascii("unchanged-toast-datum");

    private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder()
            .appendPattern("yyyy-MM-dd HH:mm:ss")
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .toFormatter();

    private final ChangeHandler handler;
    private final Charset charset;
    private final Tuple before = new Tuple();
    private final Tuple after = new Tuple();
    private final Map<Integer, List<NamedTable>> tableNames = new HashMap<>();
    private byte[] bytes;
    private int at;
    private int end;

    /** A name seen before, so that no string is made of it for every change. */
    private record NamedTable(byte[] bytes, String name) {}

    /** {@code charset}: of the database, in which the stream comes. */
    public TestDecoding(ChangeHandler handler, Charset charset) {
        this.handler = handler;
        this.charset = charset;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Reads one message, which stands in [from, to). */
    public void read(byte[] message, int from, int to, Lsn lsn) throws IOException {
        bytes = message;
        at = from;
        end = to;
        if (take(TABLE)) {
            table();
        } else if (take(BEGIN)) {
            handler.begin(number());
        } else if (take(COMMIT)) {
            long xid = number();
            require(AT);
            handler.commit(xid, lsn, timestamp());
        } else if (take(MESSAGE)) {
            message(lsn);
        } else {
            throw unreadable("unknown kind of message");
        }
    }

    private void table() throws IOException {
        int nameFrom = at;
        skipQualifiedName();
        int nameTo = at;
        if (at < end && bytes[at] == ',') {
            truncate(nameFrom);
            return;
        }
        requireByte(':');
        requireByte(' ');
        if (take(TRUNCATE)) {
            handler.truncate(List.of(name(nameFrom, nameTo)));
        } else if (take(INSERT)) {
            tuple(after);
            handler.change(name(nameFrom, nameTo), ChangeHandler.Operation.INSERT, null, after);
        } else if (take(UPDATE)) {
            boolean hasOld = take(OLD_KEY);
            if (hasOld) {
                tuple(before);
                require(NEW_TUPLE);
            }
            tuple(after);
            handler.change(name(nameFrom, nameTo), ChangeHandler.Operation.UPDATE, hasOld ? before : null, after);
        } else if (take(DELETE)) {
            boolean hasOld = !take(NO_DATA);
            if (hasOld) {
                tuple(before);
            }
            handler.change(name(nameFrom, nameTo), ChangeHandler.Operation.DELETE, hasOld ? before : null, null);
        } else {
            throw unreadable("unknown operation");
        }
    }

    /** {@code a.b, c.d: TRUNCATE: flags} */
    private void truncate(int from) throws IOException {
        var names = new ArrayList<String>();
        at = from;
        while (true) {
            int start = at;
            skipQualifiedName();
            names.add(name(start, at));
            if (at < end && bytes[at] == ',') {
                requireByte(',');
                requireByte(' ');
            } else {
                break;
            }
        }
        requireByte(':');
        requireByte(' ');
        require(TRUNCATE);
        handler.truncate(names);
    }

    private String name(int from, int to) {
        int hash = 1;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + bytes[i];
        }
        var candidates = tableNames.computeIfAbsent(hash, h -> new ArrayList<>(1));
        for (var candidate : candidates) {
            if (Arrays.equals(candidate.bytes(), 0, candidate.bytes().length, bytes, from, to)) {
                return candidate.name();
            }
        }
        var fresh = Arrays.copyOfRange(bytes, from, to);
        var name = new String(fresh, charset);
        candidates.add(new NamedTable(fresh, name));
        return name;
    }

    /** Columns, each preceded by a blank, up to the end or to what is none. */
    private void tuple(Tuple tuple) throws IOException {
        tuple.reset(bytes);
        if (take(NO_DATA)) {
            return;
        }
        while (at < end && bytes[at] == ' ' && !isAt(NEW_TUPLE)) {
            at++;
            int nameFrom = at;
            skipIdentifier();
            int nameTo = at;
            requireByte('[');
            skipType();
            requireByte(':');
            value(tuple, nameFrom, nameTo);
        }
    }

    private void value(Tuple tuple, int nameFrom, int nameTo) throws IOException {
        if (at == end) {
            throw unreadable("no value");
        }
        byte first = bytes[at];
        if (first == '\'') {
            quoted(tuple, nameFrom, nameTo);
        } else if (first == 'B' && at + 1 < end && bytes[at + 1] == '\'') {
            at++;
            quoted(tuple, nameFrom, nameTo);
        } else if (takeWord(NULL)) {
            tuple.add(nameFrom, nameTo, Tuple.Form.NULL, at, at);
        } else if (takeWord(TRUE)) {
            tuple.add(nameFrom, nameTo, Tuple.Form.TRUE, at, at);
        } else if (takeWord(FALSE)) {
            tuple.add(nameFrom, nameTo, Tuple.Form.FALSE, at, at);
        } else if (takeWord(UNCHANGED)) {
            tuple.add(nameFrom, nameTo, Tuple.Form.UNCHANGED, at, at);
        } else {
            int from = at;
            while (at < end && bytes[at] != ' ') {
                at++;
            }
            tuple.add(nameFrom, nameTo, Tuple.Form.PLAIN, from, at);
        }
    }

    private void quoted(Tuple tuple, int nameFrom, int nameTo) throws IOException {
        at++;
        int from = at;
        while (true) {
            if (at >= end) {
                throw unreadable("unterminated value");
            }
            if (bytes[at] == '\'') {
                if (at + 1 < end && bytes[at + 1] == '\'') {
                    at += 2;
                    continue;
                }
                break;
            }
            at++;
        }
        tuple.add(nameFrom, nameTo, Tuple.Form.QUOTED, from, at);
        at++;
    }

    /** A word that is the whole value. */
    private boolean takeWord(byte[] word) {
        int after = at + word.length;
        if (isAt(word) && (after == end || bytes[after] == ' ')) {
            at = after;
            return true;
        }
        return false;
    }

    private void skipQualifiedName() throws IOException {
        skipIdentifier();
        while (at < end && bytes[at] == '.') {
            at++;
            skipIdentifier();
        }
    }

    private void skipIdentifier() throws IOException {
        if (at < end && bytes[at] == '"') {
            skipQuotedIdentifier();
            return;
        }
        int from = at;
        while (at < end && isIdentifierByte(bytes[at])) {
            at++;
        }
        if (at == from) {
            throw unreadable("no identifier");
        }
    }

    private void skipQuotedIdentifier() throws IOException {
        at++;
        while (at < end) {
            if (bytes[at] != '"') {
                at++;
            } else if (at + 1 < end && bytes[at + 1] == '"') {
                at += 2;
            } else {
                at++;
                return;
            }
        }
        throw unreadable("unterminated identifier");
    }

    private static boolean isIdentifierByte(byte b) {
        return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_' || b == '$' || b < 0 || b >= 'A' && b <= 'Z';
    }

    /** Behind the opening bracket, to behind the one that closes it: array types have brackets of their own. */
    private void skipType() throws IOException {
        int depth = 1;
        while (at < end) {
            byte b = bytes[at];
            if (b == '"') {
                skipQuotedIdentifier();
                continue;
            }
            at++;
            if (b == '[') {
                depth++;
            } else if (b == ']' && --depth == 0) {
                return;
            }
        }
        throw unreadable("unterminated type");
    }

    /**
     * Anybody chooses prefixes, even one that looks like what follows it: the content goes to the end of the message, and the
     * size has to say so.
     */
    private void message(Lsn lsn) throws IOException {
        boolean transactional = number() == 1;
        require(PREFIX);
        int prefixFrom = at;
        for (int prefixTo = prefixFrom; prefixTo < end; prefixTo++) {
            at = prefixTo;
            if (take(SIZE) && at < end && Character.isDigit(bytes[at])) {
                long size = number();
                if (take(CONTENT) && end - at == size) {
                    var prefix = new String(bytes, prefixFrom, prefixTo - prefixFrom, charset);
                    handler.message(transactional, lsn, prefix, Arrays.copyOfRange(bytes, at, end));
                    return;
                }
            }
        }
        throw unreadable("message without a size");
    }

    private long number() throws IOException {
        long value = 0;
        int from = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            value = value * 10 + bytes[at] - '0';
            at++;
        }
        if (at == from) {
            throw unreadable("no number");
        }
        return value;
    }

    /** {@code 2026-11-21 12:41:28.304814+00)}, in UTC. */
    private Instant timestamp() throws IOException {
        var text = new String(bytes, at, end - at, StandardCharsets.US_ASCII);
        if (!text.endsWith("+00)")) {
            throw unreadable("commit time");
        }
        return LocalDateTime.parse(text.substring(0, text.length() - 4), TIMESTAMP).toInstant(ZoneOffset.UTC);
    }

    private boolean isAt(byte[] text) {
        if (end - at < text.length) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (bytes[at + i] != text[i]) {
                return false;
            }
        }
        return true;
    }

    private boolean take(byte[] text) {
        if (isAt(text)) {
            at += text.length;
            return true;
        }
        return false;
    }

    private void require(byte[] text) throws IOException {
        if (!take(text)) {
            throw unreadable("expected \"" + new String(text, StandardCharsets.US_ASCII) + "\"");
        }
    }

    private void requireByte(char b) throws IOException {
        if (at >= end || bytes[at] != b) {
            throw unreadable("expected \"" + b + "\"");
        }
        at++;
    }

    /** The message holds a user's data: none of it is repeated. */
    private IOException unreadable(String why) {
        return new IOException("unreadable change message: " + why + " at byte " + at);
    }
}
