package dev.holdfast.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.engine.cluster.UpstreamUri;
import dev.holdfast.it.support.Leftovers;
import dev.holdfast.it.support.PostgresClient;
import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A database with all that is hard to copy, backed up and restored under another name: on the embedded PostgreSQL, on an
 * external 15, and from 15 into 18.
 */
class RealInputIT {
    private static final String SOURCE = "real \"x\"";
    private static final String COPY = "real \"y\"";
    private static final String COLLECTION = "nodelocal://1/real";

    private static TestPostgres old;
    private static TestHoldfast inFrontOfOld;
    private static TestHoldfast embedded;

    @BeforeAll
    static void start() throws Exception {
        old = TestPostgres.start(15);
        inFrontOfOld = TestHoldfast.inFrontOf(old);
        fill(inFrontOfOld);
        // Reads what the other one writes.
        embedded = TestHoldfast.start("--external-io-dir", inFrontOfOld.extern().toString());
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable part : Arrays.asList(embedded, inFrontOfOld, old)) {
            if (part != null) {
                part.close();
            }
        }
    }

    private static void fill(TestHoldfast holdfast) throws Exception {
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(
                    connection,
                    "create database " + quoted(SOURCE) + " template template0 connection limit 77",
                    "alter database " + quoted(SOURCE) + " set work_mem = '7MB'",
                    "comment on database " + quoted(SOURCE) + " is 'it''s real'",
                    "grant connect on database " + quoted(SOURCE) + " to public");
        }
        try (var connection = holdfast.connect(SOURCE)) {
            // A paragraph is a transaction: a new label of an enum has to be committed before it can be used.
            var sql = Files.readString(Path.of("src", "test", "resources", "real", "everything.sql"));
            Sessions.execute(connection, sql.split("\n\n"));
        }
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    @Test
    void onTheEmbeddedOne() throws Exception {
        fill(embedded);
        var collection = COLLECTION + "/embedded";
        backUp(embedded, collection);
        restore(embedded, collection, COPY);
        try (var source = embedded.connect(SOURCE);
                var copy = embedded.connect(COPY)) {
            assertSameContent(source, copy);
            assertSequencesGoOn(source, copy);
        }
        withoutHistory(SOURCE, COPY);
        assertSameDefinitions(18, embedded.embedded("postgres"));
        assertThat(Leftovers.inServer(embedded::connect)).isEmpty();
    }

    @Test
    void onAnExternalOneAndFromThereIntoANewerOne() throws Exception {
        backUp(inFrontOfOld, COLLECTION);
        restore(inFrontOfOld, COLLECTION, COPY);
        try (var source = inFrontOfOld.connect(SOURCE);
                var copy = inFrontOfOld.connect(COPY)) {
            assertSameContent(source, copy);
            restore(embedded, COLLECTION, "newer");
            try (var newer = embedded.connect("newer")) {
                assertSameContent(source, newer);
                assertSequencesGoOn(source, copy, newer);
            }
        }
        assertThat(Leftovers.inServer(inFrontOfOld::connect)).isEmpty();
        assertThat(Leftovers.inCollections(inFrontOfOld.extern())).isEmpty();
        assertSameDefinitions(15, old.uri());
        // Two versions write the same definition differently: what psql makes of pg_dump's text is what it has to equal.
        var client = client(18);
        try (var connection = embedded.connect("postgres")) {
            Sessions.execute(connection, "create role postgres superuser", "create database dumped template template0");
        }
        var dump = client.dumpSchema(old.uri(), SOURCE);
        client.execute(embedded.embedded("dumped"), "dumped", dump);
        restore(embedded, COLLECTION, "again");
        withoutHistory("again", "dumped");
        assertThat(client.dumpSchema(embedded.embedded("again"), "again"))
                .isEqualTo(client.dumpSchema(embedded.embedded("dumped"), "dumped"));
    }

    /** Which gives back every declared replica identity, and leaves nothing that pg_dump would tell of. */
    private static void withoutHistory(String... databases) throws Exception {
        try (var connection = embedded.connect("postgres")) {
            for (var database : databases) {
                Sessions.execute(connection, "ALTER DATABASE " + quoted(database) + " CONFIGURE ZONE USING history = off");
            }
        }
    }

    private static void backUp(TestHoldfast holdfast, String collection) throws Exception {
        try (var connection = holdfast.connect("postgres")) {
            assertThat(Sessions.rows(connection, "BACKUP DATABASE " + quoted(SOURCE) + " INTO '" + collection + "'").getFirst())
                    .contains("|succeeded|");
        }
    }

    private static void restore(TestHoldfast holdfast, String collection, String name) throws Exception {
        try (var connection = holdfast.connect("postgres")) {
            var result = Sessions.rows(
                    connection,
                    "RESTORE DATABASE " + quoted(SOURCE) + " FROM LATEST IN '" + collection + "' WITH new_db_name = '" + name + "'");
            assertThat(result.getFirst()).contains("|succeeded|");
        }
    }

    private static void assertSameContent(Connection source, Connection copy) throws Exception {
        var rows = Rows.of(source);
        assertThat(rows).hasSizeGreaterThan(15);
        assertThat(Rows.of(copy)).isEqualTo(rows);
        assertThat(Rows.sequences(copy)).isEqualTo(Rows.sequences(source)).isNotEmpty();
        assertThat(Rows.largeObjects(copy)).isEqualTo(Rows.largeObjects(source)).isNotEmpty();
        assertThat(Rows.withoutStatistics(copy)).isEmpty();
    }

    /** The next row gets the number that it would have got. */
    private static void assertSequencesGoOn(Connection source, Connection... copies) throws Exception {
        var next = "insert into shop.customers (discount) values (1) returning id, id_text, nextval('shop.tickets')";
        var expected = Sessions.rows(source, next);
        for (var copy : copies) {
            assertThat(Sessions.rows(copy, next)).isEqualTo(expected);
        }
    }

    /** All that pg_dump tells of them, but the name. */
    private static void assertSameDefinitions(int version, UpstreamUri server) {
        var client = client(version);
        // In comments as it is, elsewhere with its quotes doubled.
        assertThat(client.dumpSchema(server, COPY, "--create")
                        .replace(COPY.replace("\"", "\"\""), SOURCE.replace("\"", "\"\""))
                        .replace(COPY, SOURCE))
                .isEqualTo(client.dumpSchema(server, SOURCE, "--create"));
    }

    private static PostgresClient client(int version) {
        var client = PostgresClient.find(version);
        assumeTrue(client.isPresent(), PostgresClient.missing(version));
        return client.get();
    }
}
