package dev.holdfast.sqlfront.scan;

import java.util.Map;
import java.util.Set;

/**
 * Decides by its first words whether a statement may be one of ours. Runs over every statement that passes, so it looks at
 * bytes, allocates nothing, and says no for ordinary SQL after one comparison. It may say yes too often (a word inside a
 * string): the caller then splits and parses properly. It never says no to an own statement.
 */
public final class LeadingKeywords {
    private static final Set<String> ALONE = Set.of("BACKUP", "RESTORE", "PAUSE", "RESUME", "CANCEL");

    /** Words that begin our statements only together with the next one; what else they begin is PostgreSQL's. */
    private static final Map<String, Set<String>> WITH_SECOND = Map.of(
            "ALTER", Set.of("BACKUP"),
            "CREATE", Set.of("EXTERNAL"),
            "DROP", Set.of("EXTERNAL"),
            "SHOW", Set.of("BACKUP", "BACKUPS", "JOB", "JOBS", "AUTOMATIC", "CLUSTER", "ALL", "CREATE", "EXTERNAL", "HISTORY"),
            "SET", Set.of("CLUSTER"),
            "RESET", Set.of("CLUSTER"));

    private static final Set<String> ON_OBJECTS = Set.of("ALTER", "CREATE", "DROP");

    private static final int LONGEST_WORD = 9;

    private LeadingKeywords() {}

    /** Whether the statement that begins at {@code from}, or one after a semicolon before {@code to}, may be ours. */
    public static boolean anyOwn(ByteText text, int from, int to) {
        if (isOwn(text, from, to)) {
            return true;
        }
        for (int semicolon = text.indexOfSemicolon(from, to); semicolon >= 0; semicolon = text.indexOfSemicolon(semicolon + 1, to)) {
            if (isOwn(text, semicolon + 1, to)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the statement is about a database as a whole: one that others' sessions in it can keep from running. */
    public static boolean concernsDatabase(ByteText text, int from, int to) {
        int start = skipBlank(text, from, to);
        if (start >= to || !beginsOwn(text.at(start))) {
            return false;
        }
        var first = word(text, start, to);
        return ON_OBJECTS.contains(first) && word(text, skipBlank(text, start + first.length(), to), to).equals("DATABASE");
    }

    /** Whether the statement that begins at {@code from} may be ours. */
    public static boolean isOwn(ByteText text, int from, int to) {
        int start = skipBlank(text, from, to);
        if (start >= to || !beginsOwn(text.at(start))) {
            return false;
        }
        var first = word(text, start, to);
        if (ALONE.contains(first)) {
            return true;
        }
        if (first.equals("ALTER") && configuresZone(text, start + first.length(), to)) {
            return true;
        }
        var seconds = WITH_SECOND.get(first);
        if (seconds == null) {
            return false;
        }
        int next = skipBlank(text, start + first.length(), to);
        var second = word(text, next, to);
        if (second.equals("ALL")) {
            // SHOW ALL is PostgreSQL's, SHOW ALL CLUSTER SETTINGS is ours.
            return word(text, skipBlank(text, next + 3, to), to).equals("CLUSTER");
        }
        return seconds.contains(second);
    }

    /** {@code DATABASE name CONFIGURE}, {@code TABLE a.b.c CONFIGURE}: every other ALTER of these is PostgreSQL's. */
    private static boolean configuresZone(ByteText text, int from, int to) {
        int at = skipBlank(text, from, to);
        var kind = word(text, at, to);
        if (!kind.equals("DATABASE") && !kind.equals("TABLE")) {
            return false;
        }
        at = skipBlank(text, skipName(text, skipBlank(text, at + kind.length(), to), to), to);
        while (at < to && text.at(at) == '.') {
            at = skipBlank(text, skipName(text, skipBlank(text, at + 1, to), to), to);
        }
        // A table may be called configure, and ONLY stand before it.
        return word(text, at, to).equals("CONFIGURE") && word(text, skipBlank(text, at + "CONFIGURE".length(), to), to).equals("ZONE");
    }

    /** Past a name or a star, quoted or not. */
    private static int skipName(ByteText text, int from, int to) {
        int at = from;
        if (at < to && text.at(at) == '*') {
            return at + 1;
        }
        if (at < to && text.at(at) == '"') {
            at++;
            while (at < to && (text.at(at) != '"' || at + 1 < to && text.at(at + 1) == '"')) {
                at += text.at(at) == '"' ? 2 : 1;
            }
            return at + 1;
        }
        while (at < to && isWordByte(text.at(at))) {
            at++;
        }
        return at;
    }

    /** Whether there is nothing but white space and comments. */
    public static boolean isBlank(ByteText text, int from, int to) {
        return skipBlank(text, from, to) >= to;
    }

    /** A, B, R, P, C, D, S: no other letter begins one of ours. */
    private static boolean beginsOwn(byte b) {
        return switch (b & ~0x20) {
            case 'A', 'B', 'R', 'P', 'C', 'D', 'S' -> true;
            default -> false;
        };
    }

    /** The word at {@code from} in upper case; empty when there is none, or one longer than any keyword of ours. */
    private static String word(ByteText text, int from, int to) {
        int end = from;
        while (end < to && isWordByte(text.at(end))) {
            if (end - from == LONGEST_WORD) {
                return "";
            }
            end++;
        }
        // SELECT is what nearly every statement that gets here begins with: no string is made of it.
        if (end - from == 6 && (text.at(from) & ~0x20) == 'S' && (text.at(from + 2) & ~0x20) == 'L') {
            return "SELECT";
        }
        var word = new char[end - from];
        for (int i = from; i < end; i++) {
            byte b = text.at(i);
            word[i - from] = (char) (b >= 'a' && b <= 'z' ? b - 32 : b & 0xff);
        }
        return new String(word);
    }

    private static boolean isWordByte(byte b) {
        return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '$' || b < 0;
    }

    /** Skips white space, comments, and semicolons of empty statements. */
    private static int skipBlank(ByteText text, int from, int to) {
        int i = from;
        while (i < to) {
            byte b = text.at(i);
            if (b == ' ' || b >= '\t' && b <= '\r' || b == ';') {
                i++;
            } else if (b == '\\' && lineEndsAfter(text, i + 1, to)) {
                i++;
            } else if (b == '-' && i + 1 < to && text.at(i + 1) == '-') {
                while (i < to && text.at(i) != '\n') {
                    i++;
                }
            } else if (b == '/' && i + 1 < to && text.at(i + 1) == '*') {
                i = afterBlockComment(text, i, to);
            } else {
                return i;
            }
        }
        return to;
    }

    private static boolean lineEndsAfter(ByteText text, int from, int to) {
        int i = from;
        while (i < to && (text.at(i) == ' ' || text.at(i) == '\t' || text.at(i) == '\r')) {
            i++;
        }
        return i < to && text.at(i) == '\n';
    }

    private static int afterBlockComment(ByteText text, int from, int to) {
        int depth = 0;
        int i = from;
        while (i + 1 < to) {
            if (text.at(i) == '/' && text.at(i + 1) == '*') {
                depth++;
                i += 2;
            } else if (text.at(i) == '*' && text.at(i + 1) == '/') {
                depth--;
                i += 2;
                if (depth == 0) {
                    return i;
                }
            } else {
                i++;
            }
        }
        return to;
    }
}
