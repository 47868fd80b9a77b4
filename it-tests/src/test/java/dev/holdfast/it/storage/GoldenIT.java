package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.storage.server.AwsKmsServer;
import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What was backed up once is restored by every later build: full backups with increments and their history, plain and encrypted. */
class GoldenIT {
    private static AwsKmsServer kms;
    private static TestHoldfast holdfast;
    private static Connection connection;

    @BeforeAll
    static void start() throws Exception {
        kms = Golden.kms();
        holdfast = TestHoldfast.start();
        connection = holdfast.connect("postgres");
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        holdfast.close();
        kms.close();
    }

    static Stream<Arguments> backups() throws Exception {
        try (var versions = Files.list(Golden.directory(Golden.VERSION).getParent())) {
            var all = versions.map(version -> version.getFileName().toString()).sorted().toList();
            assertThat(all).contains(Golden.VERSION);
            return all.stream().flatMap(version -> Golden.KINDS.stream().map(kind -> Arguments.of(version, kind)));
        }
    }

    @ParameterizedTest(name = "format {0}, {1}")
    @MethodSource("backups")
    void isRestoredToEveryInstant(String version, String kind) throws Exception {
        var collection = "golden-" + version + "-" + kind;
        copy(Golden.directory(version).resolve(kind), holdfast.extern().resolve(collection));
        var states = Files.readAllLines(Golden.directory(version).resolve(Golden.STATES));
        assertThat(states).hasSize(4);
        // The layers of the encrypted ones hold the same: two of their instants are enough.
        for (var state : kind.equals("plain") ? states : states.subList(0, 1)) {
            int blank = state.indexOf(' ');
            restoresTo(collection, kind, " AS OF SYSTEM TIME '" + state.substring(0, blank) + "'", state.substring(blank + 1));
        }
        restoresTo(collection, kind, "", states.getLast().substring(states.getLast().indexOf(' ') + 1));
        assertThat(Sessions.one(connection, "SHOW BACKUP VALIDATE FROM LATEST IN 'nodelocal://1/" + collection + "'"
                        + Golden.option(kind, kms).replaceFirst(",", " WITH")))
                .endsWith("No problems found!\n");
    }

    private static void restoresTo(String collection, String kind, String asOf, String expected) throws Exception {
        Sessions.execute(connection, "RESTORE DATABASE golden FROM LATEST IN 'nodelocal://1/" + collection + "'" + asOf
                + " WITH new_db_name = restored" + Golden.option(kind, kms));
        try (var restored = holdfast.connect("restored")) {
            assertThat(Rows.of(restored).toString()).as("%s%s", collection, asOf).isEqualTo(expected);
            // A view, an identity and a foreign key: the schema came back as well.
            assertThat(Sessions.one(restored, "select count(*) > 30 from totals")).isEqualTo("t");
            Sessions.execute(restored, "insert into orders (customer, amount) values (1, 1)");
        }
        Sessions.execute(connection, "drop database restored with (force)");
    }

    private static void copy(Path source, Path target) throws Exception {
        try (var files = Files.walk(source)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var copied = target.resolve(source.relativize(file));
                Files.createDirectories(copied.getParent());
                Files.copy(file, copied);
            }
        }
    }
}
