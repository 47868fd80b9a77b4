package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Increments that are not in the collection of their full backup: {@code incremental_location}. */
class IncrementalLocationIT {
    private static TestHoldfast holdfast;
    private static Connection connection;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
        connection = holdfast.connect("postgres");
        Sessions.execute(connection, "create database shop");
        try (var shop = holdfast.connect("shop")) {
            Sessions.execute(shop, "create table orders (id int generated always as identity primary key, note text)");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        holdfast.close();
    }

    private static void order(String note) throws SQLException {
        try (var shop = holdfast.connect("shop")) {
            Sessions.execute(shop, "insert into orders (note) values ('" + note + "')");
        }
    }

    private static void assertRestored(String from, String options, String expected) throws SQLException {
        Sessions.execute(connection, "RESTORE DATABASE shop FROM LATEST IN " + from + " WITH new_db_name = restored" + options);
        try (var restored = holdfast.connect("restored")) {
            assertThat(Sessions.one(restored, "select string_agg(note, ' ' order by id) from orders")).isEqualTo(expected);
        }
        Sessions.execute(connection, "drop database restored with (force)");
    }

    private static long manifests(String directory) throws IOException {
        var root = holdfast.extern().resolve(directory);
        if (!Files.exists(root)) {
            return 0;
        }
        try (var files = Files.walk(root)) {
            return files.map(Path::getFileName).filter(name -> name.toString().equals("BACKUP_MANIFEST")).count();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            plain     | ''
            encrypted | ', encryption_passphrase = ''correct horse'''
            """)
    void anotherPlace(String name, String encryption) throws Exception {
        var place = "'nodelocal://1/" + name + "'";
        var elsewhere = ", incremental_location = 'nodelocal://1/" + name + "-increments'" + encryption;
        try (var shop = holdfast.connect("shop")) {
            Sessions.execute(shop, "truncate orders");
        }
        order("full");
        Sessions.execute(connection, "BACKUP DATABASE shop INTO " + place + " WITH detached = false" + elsewhere);
        order("first");
        Sessions.execute(connection, "BACKUP DATABASE shop INTO LATEST IN " + place + " WITH detached = false" + elsewhere);
        order("second");
        var path = Sessions.one(connection, "SHOW BACKUPS IN " + place);
        Sessions.execute(
                connection, "BACKUP DATABASE shop INTO '" + path + "' IN " + place + " WITH revision_history = false" + elsewhere);

        // Who forgets it would begin a second chain, and is told.
        assertThatThrownBy(() -> Sessions.execute(
                        connection, "BACKUP DATABASE shop INTO LATEST IN " + place + " WITH revision_history = false" + encryption))
                .hasMessageContaining("leads on from")
                .hasMessageContaining("WITH incremental_location");
        assertThat(manifests(name)).isEqualTo(1);
        assertThat(manifests(name + "-increments" + path)).isEqualTo(2);
        assertRestored(place, elsewhere, "full first second");
        // The full backup alone is all that is seen without the option.
        assertRestored(place, encryption, "full");
        assertThat(Sessions.rows(connection, "SHOW BACKUP FROM LATEST IN " + place + " WITH check_files" + elsewhere).stream()
                        .filter(row -> row.contains("|database|")))
                .hasSize(3);
        assertThat(Sessions.rows(connection, "SHOW JOBS").stream().filter(job -> job.contains("incremental_location = 'nodelocal://1/" + name)))
                .hasSize(4);
    }

    /** As chains were laid out before they had a directory of their own. */
    @Test
    void theFullBackupsDirectory() throws Exception {
        var place = "'nodelocal://1/inside'";
        try (var shop = holdfast.connect("shop")) {
            Sessions.execute(shop, "truncate orders");
        }
        order("full");
        Sessions.execute(connection, "BACKUP DATABASE shop INTO " + place);
        order("first");
        Sessions.execute(connection, "BACKUP DATABASE shop INTO LATEST IN " + place + " WITH incremental_location = " + place);
        order("second");
        // Where they have begun to be, they go on.
        Sessions.execute(connection, "BACKUP DATABASE shop INTO LATEST IN " + place);
        var path = Sessions.one(connection, "SHOW BACKUPS IN " + place);
        assertThat(manifests("inside" + path)).isEqualTo(3);
        assertThat(manifests("inside/incrementals")).isZero();
        assertRestored(place, "", "full first second");

        // Somebody has put one into the other place, too.
        var other = holdfast.extern().resolve("inside/incrementals" + path + "/20260101/000000.00");
        Files.createDirectories(other);
        Files.writeString(other.resolve("BACKUP_MANIFEST"), "");
        assertThatThrownBy(() -> assertRestored(place, "", ""))
                .hasMessageContaining("Incremental layers found in both old and new default locations. Please choose a location manually");
        assertRestored(place, ", incremental_location = " + place, "full first second");
    }

    @Test
    void whatCannotBe() throws Exception {
        Sessions.execute(connection, "BACKUP DATABASE shop INTO 'nodelocal://1/whatever'");
        for (var statement : new String[] {
            "BACKUP DATABASE shop INTO LATEST IN 'nodelocal://1/whatever'",
            "RESTORE DATABASE shop FROM LATEST IN 'nodelocal://1/whatever'",
            "SHOW BACKUP FROM LATEST IN 'nodelocal://1/whatever'"
        }) {
            assertThatThrownBy(() -> Sessions.execute(
                            connection, statement + " WITH incremental_location = ('nodelocal://1/a', 'nodelocal://1/b')"))
                    .hasMessageContaining("the incremental_location option must contain the same number of locality aware URIs as the full");
            assertThatThrownBy(() -> Sessions.execute(connection, statement + " WITH incremental_location = 'ftp://1/a'"))
                    .hasMessageContaining("unsupported storage scheme: \"ftp\"");
            // Where nothing can be listed there may be increments, and nobody would find them.
            assertThatThrownBy(() -> Sessions.execute(connection, statement + " WITH incremental_location = 'http://127.0.0.1:1/a'"))
                    .hasMessageContaining("does not support listing");
        }
    }
}
