package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.schema.Grant;
import dev.holdfast.engine.schema.RoleClause;
import dev.holdfast.engine.schema.SchemaObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Moves definitions to other schemas: every {@code "schema"."name"} of an object that is being restored becomes
 * {@code "staging"."name"}. Definitions quote all identifiers, so a name is two quoted words with a dot between them.
 *
 * <p>Text in string constants is left alone, except where it is a name: {@code '"public"."s"'::regclass}.
 */
final class StagedNames {
    /** By schema, the names that move. */
    private final Map<String, Set<String>> moving;

    private final Map<String, String> stagingSchemas;

    StagedNames(Map<String, Set<String>> moving, Map<String, String> stagingSchemas) {
        this.moving = moving;
        this.stagingSchemas = stagingSchemas;
    }

    /** Where an object of this schema is while it is being restored. */
    String schema(String schema) {
        return stagingSchemas.getOrDefault(schema, schema);
    }

    SchemaObject rewrite(SchemaObject object) {
        return new SchemaObject(
                object.id(),
                object.kind(),
                object.schema() == null ? null : schema(object.schema()),
                object.name(),
                object.table(),
                rewrite(object.identity()),
                object.section(),
                object.oid(),
                object.owner(),
                rewrite(object.ownerTarget()),
                object.tablespace(),
                rewrite(object.statements()),
                rewrite(object.optional()),
                object.roles(),
                object.roleClause() == null
                        ? null
                        : new RoleClause(
                                rewrite(object.roleClause().before()),
                                object.roleClause().roles(),
                                rewrite(object.roleClause().after())),
                object.grants().stream()
                        .map(grant -> new Grant(rewrite(grant.statement()), grant.roles(), grant.grantor()))
                        .toList(),
                object.dependsOn());
    }

    private List<String> rewrite(List<String> statements) {
        return statements.stream().map(this::rewrite).toList();
    }

    String rewrite(String sql) {
        if (sql == null) {
            return null;
        }
        var out = new StringBuilder(sql.length() + 64);
        int at = 0;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c == '"') {
                at = quotedName(sql, at, out);
            } else if (c == '\'') {
                at = string(sql, at, out);
            } else if (c == '$') {
                at = dollarQuoted(sql, at, out);
            } else {
                out.append(c);
                at++;
            }
        }
        return out.toString();
    }

    /** At the opening quote of an identifier: handles it, and the one behind a dot when the pair is a name that moves. */
    private int quotedName(String sql, int at, StringBuilder out) {
        int end = closing(sql, at, '"');
        var first = sql.substring(at + 1, end - 1).replace("\"\"", "\"");
        boolean qualifies = end + 1 < sql.length() && sql.charAt(end) == '.' && sql.charAt(end + 1) == '"';
        if (qualifies) {
            int secondEnd = closing(sql, end + 1, '"');
            var second = sql.substring(end + 2, secondEnd - 1).replace("\"\"", "\"");
            if (moving.getOrDefault(first, Set.of()).contains(second)) {
                out.append(Sql.identifier(schema(first))).append('.').append(sql, end + 1, secondEnd);
                return secondEnd;
            }
        }
        out.append(sql, at, end);
        return end;
    }

    private int string(String sql, int at, StringBuilder out) {
        boolean escapes = at > 0 && (sql.charAt(at - 1) == 'E' || sql.charAt(at - 1) == 'e');
        int end = escapes ? closingEscaped(sql, at) : closing(sql, at, '\'');
        if (sql.startsWith("::\"reg", end) || sql.startsWith("::reg", end)) {
            var name = sql.substring(at + 1, end - 1).replace("''", "'");
            out.append('\'').append(rewrite(name).replace("'", "''")).append('\'');
        } else {
            out.append(sql, at, end);
        }
        return end;
    }

    private static int dollarQuoted(String sql, int at, StringBuilder out) {
        int tagEnd = sql.indexOf('$', at + 1);
        if (tagEnd > 0 && sql.substring(at + 1, tagEnd).chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_')) {
            var tag = sql.substring(at, tagEnd + 1);
            int close = sql.indexOf(tag, tagEnd + 1);
            if (close > 0) {
                out.append(sql, at, close + tag.length());
                return close + tag.length();
            }
        }
        out.append('$');
        return at + 1;
    }

    /** Behind the closing quote; a doubled one does not close. */
    private static int closing(String sql, int at, char quote) {
        int end = at + 1;
        while (true) {
            end = sql.indexOf(quote, end);
            if (end < 0) {
                return sql.length();
            }
            if (end + 1 < sql.length() && sql.charAt(end + 1) == quote) {
                end += 2;
            } else {
                return end + 1;
            }
        }
    }

    private static int closingEscaped(String sql, int at) {
        int end = at + 1;
        while (end < sql.length()) {
            char c = sql.charAt(end);
            if (c == '\\') {
                end += 2;
            } else if (c == '\'' && end + 1 < sql.length() && sql.charAt(end + 1) == '\'') {
                end += 2;
            } else if (c == '\'') {
                return end + 1;
            } else {
                end++;
            }
        }
        return sql.length();
    }

    /** Collects the names that move, with a staging schema for each of their schemas. */
    static final class Builder {
        private final String prefix;
        private final Map<String, Set<String>> moving = new HashMap<>();
        private final Map<String, String> stagingSchemas = new HashMap<>();

        Builder(String prefix) {
            this.prefix = prefix;
        }

        Builder move(String schema, String name) {
            stagingSchemas.computeIfAbsent(schema, s -> prefix + "_" + stagingSchemas.size());
            moving.computeIfAbsent(schema, s -> new HashSet<>()).add(name);
            return this;
        }

        Map<String, String> stagingSchemas() {
            return stagingSchemas;
        }

        StagedNames build() {
            return new StagedNames(moving, stagingSchemas);
        }
    }
}
