package dev.holdfast.it.schema;

import dev.holdfast.it.support.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A file of DDL under {@code schema/}. Paragraphs are executed one by one; a statement with BEGIN ATOMIC has one to itself.
 * {@code NAME-since-N.sql} is for servers of version N and later.
 */
record SchemaCorpus(String name, String sql) {
    private static final Pattern SINCE = Pattern.compile("since-(\\d+)");
    private static final Pattern PARAGRAPHS = Pattern.compile("\\n\\s*\\n");
    private static final Pattern CREATE_ROLE = Pattern.compile("(?m)^create role .*;$");

    static List<SchemaCorpus> all() {
        var folder = Path.of("src", "test", "resources", "schema");
        try (Stream<Path> files = Files.list(folder)) {
            var corpora = new ArrayList<SchemaCorpus>();
            for (var file : files.sorted().toList()) {
                corpora.add(new SchemaCorpus(file.getFileName().toString().replace(".sql", ""), Files.readString(file)));
            }
            return corpora;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SchemaCorpus named(String name) {
        return all().stream().filter(corpus -> corpus.name.equals(name)).findFirst().orElseThrow();
    }

    int since() {
        var matcher = SINCE.matcher(name);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 15;
    }

    /** Creates a database that holds it. */
    void create(TestPostgres server, String database) throws SQLException {
        createRoles(server);
        try (var connection = server.upstream().connect("postgres", "test")) {
            execute(connection, "create database \"" + database + "\" template template0");
        }
        try (var connection = server.upstream().connect(database, "test")) {
            execute(connection, "set search_path = public; reset check_function_bodies");
            for (var paragraph : PARAGRAPHS.split(sql)) {
                // Statements on lines of their own leave room for a semicolon in names and literals.
                execute(connection, CREATE_ROLE.matcher(paragraph).replaceAll(""));
            }
        }
    }

    /** Roles belong to a server, and several databases on it may need them. */
    void createRoles(TestPostgres server) throws SQLException {
        try (var connection = server.upstream().connect("postgres", "test")) {
            for (var role : CREATE_ROLE.matcher(sql).results().map(result -> result.group()).toList()) {
                try {
                    execute(connection, role);
                } catch (SQLException e) {
                    if (!"42710".equals(e.getSQLState())) {
                        throw e;
                    }
                    // It is there already.
                }
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        } catch (SQLException e) {
            throw new SQLException(e.getMessage() + " in: " + sql, e.getSQLState(), e);
        }
    }

    @Override
    public String toString() {
        return name;
    }

}
