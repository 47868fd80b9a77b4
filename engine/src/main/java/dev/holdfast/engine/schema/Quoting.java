package dev.holdfast.engine.schema;

/**
 * Names and strings as SQL text. Identifiers are always quoted: which words need it differs between the server a backup
 * comes from and the one it is restored to.
 */
public final class Quoting {
    private Quoting() {}

    public static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** {@code schema} may be null. */
    public static String qualified(String schema, String name) {
        return schema == null ? identifier(name) : identifier(schema) + '.' + identifier(name);
    }

    /** Read with standard_conforming_strings = on, which every session of ours pins. */
    public static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }
}
