package dev.holdfast.engine.schema;

/**
 * ALTER DATABASE ... SET, or ALTER ROLE ... IN DATABASE ... SET.
 *
 * @param role null for a setting of the database itself
 * @param value as SQL: one or several quoted strings
 */
public record DatabaseSetting(String role, String name, String value) {
    public String statement(String database) {
        var subject = role == null
                ? "DATABASE " + Quoting.identifier(database)
                : "ROLE " + Quoting.identifier(role) + " IN DATABASE " + Quoting.identifier(database);
        return "ALTER " + subject + " SET " + Quoting.identifier(name) + " TO " + value;
    }
}
