package dev.holdfast.sqlfront.scan;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts the text of a simple query at its semicolons, by PostgreSQL's lexical rules: quotes of every kind, nested comments
 * and parentheses (the actions of CREATE RULE) keep their semicolons.
 */
public final class StatementSplitter {
    private final String sql;
    private final boolean standardConformingStrings;
    private int at;

    private StatementSplitter(String sql, boolean standardConformingStrings) {
        this.sql = sql;
        this.standardConformingStrings = standardConformingStrings;
    }

    /** Statement texts in [start, end), the semicolon that ends each one left out; pieces of blanks and comments too. */
    public record Piece(int start, int end) {}

    public static List<Piece> split(String sql, boolean standardConformingStrings) {
        return new StatementSplitter(sql, standardConformingStrings).split();
    }

    private List<Piece> split() {
        var pieces = new ArrayList<Piece>();
        int start = 0;
        int depth = 0;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            switch (c) {
                case ';' -> {
                    if (depth == 0) {
                        pieces.add(new Piece(start, at));
                        start = at + 1;
                    }
                    at++;
                }
                case '(' -> {
                    depth++;
                    at++;
                }
                case ')' -> {
                    depth = Math.max(0, depth - 1);
                    at++;
                }
                case '\'' -> skipString(!standardConformingStrings);
                case '"' -> skipQuoted('"');
                case '$' -> skipDollarQuoteOrSign();
                case '-' -> skipLineCommentOrSign();
                case '/' -> skipBlockCommentOrSign();
                default -> {
                    if (isWordStart(c)) {
                        skipWord();
                    } else {
                        at++;
                    }
                }
            }
        }
        pieces.add(new Piece(start, sql.length()));
        return pieces;
    }

    private void skipString(boolean backslashEscapes) {
        at++;
        while (at < sql.length()) {
            char c = sql.charAt(at++);
            if (c == '\\' && backslashEscapes) {
                at++;
            } else if (c == '\'') {
                if (at < sql.length() && sql.charAt(at) == '\'') {
                    at++;
                } else {
                    return;
                }
            }
        }
        at = sql.length();
    }

    private void skipQuoted(char quote) {
        int close = sql.indexOf(quote, at + 1);
        // A doubled quote ends one quoted part and begins the next, which comes to the same.
        at = close < 0 ? sql.length() : close + 1;
    }

    private void skipDollarQuoteOrSign() {
        int tagEnd = at + 1;
        while (tagEnd < sql.length() && isTagPart(sql.charAt(tagEnd), tagEnd == at + 1)) {
            tagEnd++;
        }
        if (tagEnd >= sql.length() || sql.charAt(tagEnd) != '$') {
            at++;
            return;
        }
        var tag = sql.substring(at, tagEnd + 1);
        int close = sql.indexOf(tag, tagEnd + 1);
        at = close < 0 ? sql.length() : close + tag.length();
    }

    private void skipLineCommentOrSign() {
        if (sql.startsWith("--", at)) {
            int newline = sql.indexOf('\n', at);
            at = newline < 0 ? sql.length() : newline + 1;
        } else {
            at++;
        }
    }

    private void skipBlockCommentOrSign() {
        if (!sql.startsWith("/*", at)) {
            at++;
            return;
        }
        int depth = 0;
        while (at < sql.length()) {
            if (sql.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                at += 2;
                if (--depth == 0) {
                    return;
                }
            } else {
                at++;
            }
        }
    }

    /** A word as a whole: the dollar signs inside it quote nothing, and E before a quote makes it an escape string. */
    private void skipWord() {
        int start = at;
        while (at < sql.length() && isWordPart(sql.charAt(at))) {
            at++;
        }
        boolean escapePrefix = at - start == 1 && (sql.charAt(start) | 0x20) == 'e';
        if (escapePrefix && at < sql.length() && sql.charAt(at) == '\'') {
            skipString(true);
        }
    }

    private static boolean isWordStart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80;
    }

    private static boolean isWordPart(char c) {
        return isWordStart(c) || c >= '0' && c <= '9' || c == '$';
    }

    private static boolean isTagPart(char c, boolean first) {
        return isWordStart(c) || !first && c >= '0' && c <= '9';
    }
}
