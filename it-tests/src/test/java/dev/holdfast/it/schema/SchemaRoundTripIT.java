package dev.holdfast.it.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.SchemaObject;
import dev.holdfast.engine.schema.SchemaWriter;
import dev.holdfast.engine.schema.Section;
import dev.holdfast.engine.schema.catalog.SchemaReader;
import dev.holdfast.it.support.PostgresClient;
import dev.holdfast.it.support.TestPostgres;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is read from a database and executed in an empty one makes the same database, as pg_dump sees it. */
class SchemaRoundTripIT {
    private static final Map<Integer, TestPostgres> SERVERS = new HashMap<>();

    static Stream<Arguments> corpora() {
        return Stream.of(15, 16, 17, 18).flatMap(version -> SchemaCorpus.all().stream()
                .filter(corpus -> corpus.since() <= version)
                .map(corpus -> Arguments.of(version, corpus)));
    }

    static Stream<Arguments> oldCorpora() {
        return SchemaCorpus.all().stream().filter(corpus -> corpus.since() <= 15).map(Arguments::of);
    }

    @AfterAll
    static void stop() throws Exception {
        for (var server : SERVERS.values()) {
            server.close();
        }
        SERVERS.clear();
    }

    static TestPostgres server(int version) throws Exception {
        if (!SERVERS.containsKey(version)) {
            SERVERS.put(version, TestPostgres.start(version));
        }
        return SERVERS.get(version);
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("corpora")
    void aCopyIsTheSame(int version, SchemaCorpus corpus) throws Exception {
        var server = server(version);
        corpus.create(server, corpus.name());
        var schema = read(server, corpus.name());
        assertThat(schema.remarks()).isEmpty();
        assertOrder(schema);

        var copy = "copy of " + corpus.name();
        assertThat(write(server, copy, schema)).isEmpty();

        var again = read(server, copy);
        assertThat(definitions(again)).isEqualTo(definitions(schema));
        assertThat(again.sequences()).isEqualTo(schema.sequences());
        assertThat(again.largeObjects()).isEqualTo(schema.largeObjects());
        assertThat(columns(again)).isEqualTo(columns(schema));

        var client = PostgresClient.find(version);
        assumeTrue(client.isPresent(), PostgresClient.missing(version));
        assertThat(client.get().dumpSchema(server, copy)).isEqualTo(client.get().dumpSchema(server, corpus.name()));
    }

    /**
     * The deparsers of two versions write the same thing differently, so the copy is compared with the one that pg_dump and psql
     * make of the same database.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("oldCorpora")
    void aCopyOf15On18IsWhatPgDumpMakesOfIt(SchemaCorpus corpus) throws Exception {
        var source = server(15);
        var target = server(18);
        var name = corpus.name() + " of 15";
        corpus.create(source, name);
        corpus.createRoles(target);
        var schema = read(source, name);
        var copy = "copy of " + name;
        assertThat(write(target, copy, schema)).isEmpty();

        var client = PostgresClient.find(18);
        assumeTrue(client.isPresent(), PostgresClient.missing(18));
        var dumped = "dump of " + name;
        try (var connection = target.upstream().connect("postgres", "test");
                var statement = connection.createStatement()) {
            statement.execute("create database \"" + dumped + "\" template template0");
        }
        client.get().execute(target, dumped, client.get().dumpSchema(source, name));
        assumeTrue(!corpus.name().equals("inheritance-order"), "pg_dump restores it with other columns in front");
        assertThat(client.get().dumpSchema(target, copy)).isEqualTo(client.get().dumpSchema(target, dumped));
    }

    static DatabaseSchema read(TestPostgres server, String database) throws Exception {
        try (var connection = server.upstream().connect(database, "test")) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            return SchemaReader.read(connection);
        }
    }

    /** Creates the database and all that is in it; returns the notices. */
    static List<String> write(TestPostgres server, String database, DatabaseSchema schema) throws Exception {
        var notices = new ArrayList<String>();
        try (var connection = server.upstream().connect("postgres", "test");
                var statement = connection.createStatement()) {
            for (var sql : schema.properties().createStatements(database)) {
                statement.execute(sql);
            }
        }
        try (var connection = server.upstream().connect(database, "test")) {
            var writer = new SchemaWriter(connection, schema, SchemaWriter.Ownership.KEEP, notices::add);
            for (var section : Section.values()) {
                writer.write(section, object -> true);
                if (section == Section.PRE_DATA) {
                    writer.writeLargeObjects();
                }
            }
            writer.grantLargeObjects();
            try (var statement = connection.createStatement()) {
                for (var sequence : schema.sequences()) {
                    statement.execute(sequence.statement());
                }
            }
        }
        return notices;
    }

    private static List<String> columns(DatabaseSchema schema) {
        return schema.tables().stream()
                .map(table -> table.schema() + "." + table.name() + " " + table.binarySafe() + " "
                        // What was added to a parent stands in another place in the copy's heirs.
                        + table.columns().stream().map(column -> column.name() + " " + column.type()).sorted().toList())
                .toList();
    }

    /** Ids are dense, sections follow each other, and everything stands behind what it depends on. */
    private static void assertOrder(DatabaseSchema schema) {
        var section = Section.PRE_DATA;
        for (int i = 0; i < schema.objects().size(); i++) {
            var object = schema.objects().get(i);
            assertThat(object.id()).isEqualTo(i);
            assertThat(object.section()).isGreaterThanOrEqualTo(section);
            assertThat(object.dependsOn()).allMatch(id -> id < object.id());
            section = object.section();
        }
    }

    /** Without OIDs and ids; by identity, as triggers of several tables may have one name. */
    private static Map<String, String> definitions(DatabaseSchema schema) {
        var definitions = new TreeMap<String, String>();
        for (var object : schema.objects()) {
            definitions.merge(object.kind() + " " + object.identity() + " " + object.name(), definition(object), (a, b) -> a + b);
        }
        return definitions;
    }

    private static String definition(SchemaObject object) {
        return String.join(";\n", object.statements()) + object.optional() + object.owner() + object.grants() + object.section();
    }
}
