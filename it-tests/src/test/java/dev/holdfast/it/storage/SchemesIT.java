package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.holdfast.it.storage.server.Clouds;
import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Back up, show and restore in every kind of storage, by URI and by the name of a connection, plain and encrypted. */
class SchemesIT {
    @TempDir
    private static Path directory;

    private static TestHoldfast holdfast;
    private static Connection connection;
    private static Clouds clouds;
    private static int databases;

    @BeforeAll
    static void start() throws Exception {
        clouds = Clouds.start(directory);
        holdfast = clouds.holdfast();
        connection = holdfast.connect("postgres");
        clouds.introduce(connection);
        Sessions.execute(connection, "create database shop");
        try (var shop = holdfast.connect("shop")) {
            Sessions.execute(
                    shop,
                    "create table customers (id int primary key, name text not null)",
                    "insert into customers select i, 'customer ' || i from generate_series(1, 20000) i",
                    "create table orders (id bigint primary key, note text)",
                    "insert into orders select i, md5(i::text) || md5((i + 1)::text) from generate_series(1, 50000) i");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        holdfast.close();
        clouds.close();
    }

    static List<String> schemes() {
        return Clouds.SCHEMES;
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void backsUpShowsAndRestores(String scheme) throws Exception {
        roundTrip(clouds.place(scheme, "schemes/plain"), "");
        roundTrip(clouds.place(scheme, "schemes/encrypted"), ", encryption_passphrase = 'correct horse'");
    }

    @Test
    void everyUserHasFilesOfHisOwn() throws Exception {
        roundTrip("userfile://defaultdb.public.userfiles_$user/schemes-too", "");
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void aConnectionStandsForIt(String scheme) throws Exception {
        var name = "connection" + ++databases;
        Sessions.execute(connection, "CREATE EXTERNAL CONNECTION " + name + " AS '" + clouds.place(scheme, "schemes/connected") + "'");
        roundTrip("external://" + name + "/below", "");
        assertThat(Sessions.one(connection, "SHOW EXTERNAL CONNECTION " + name)).endsWith("|STORAGE").doesNotContain("CANARY");
        assertThat(Sessions.one(connection, "SHOW CREATE EXTERNAL CONNECTION " + name))
                .startsWith(name + "|CREATE EXTERNAL CONNECTION '" + name + "' AS '");
        Sessions.execute(connection, "DROP EXTERNAL CONNECTION " + name);
        assertThatThrownBy(() -> Sessions.execute(connection, "BACKUP DATABASE shop INTO 'external://" + name + "'"))
                .hasMessageContaining("external connection with name " + name + " does not exist");
    }

    private static void roundTrip(String place, String encryption) throws Exception {
        var database = "restored" + ++databases;
        var with = encryption.isEmpty() ? "" : " WITH " + encryption.substring(2);
        Sessions.execute(connection, "BACKUP DATABASE shop INTO '" + place + "'" + with);
        assertThat(Sessions.rows(connection, "SHOW BACKUP FROM LATEST IN '" + place + "'" + with))
                .anyMatch(row -> row.contains("orders") && row.contains("50000"));
        Sessions.execute(
                connection, "RESTORE DATABASE shop FROM LATEST IN '" + place + "' WITH new_db_name = " + database + encryption);
        try (var shop = holdfast.connect("shop");
                var restored = holdfast.connect(database)) {
            assertThat(Rows.of(restored)).isEqualTo(Rows.of(shop));
        }
        Sessions.execute(connection, "drop database " + database);
    }

    @Test
    void aPlaceThatDoesNotWorkGetsNoName() throws Exception {
        assumeFalse(TestHoldfast.WRITE_ONCE, "such a place is refused for another reason");
        assertThatThrownBy(() -> Sessions.execute(
                        connection, "CREATE EXTERNAL CONNECTION broken AS 'https://dav:CANARY-no@localhost:" + clouds.webdav().port() + "/x'"))
                .hasMessageContaining("failed to construct External Connection details: http storage: ")
                .hasMessageNotContaining("CANARY");
        assertThatThrownBy(() -> Sessions.execute(connection, "CREATE EXTERNAL CONNECTION broken AS 'ftp://host/x'"))
                .isInstanceOf(java.sql.SQLException.class);
        assertThat(Sessions.rows(connection, "SHOW EXTERNAL CONNECTIONS")).noneMatch(row -> row.startsWith("broken"));
        Sessions.execute(connection, "CREATE EXTERNAL CONNECTION once AS 'nodelocal://1/once'");
        Sessions.execute(connection, "CREATE EXTERNAL CONNECTION IF NOT EXISTS once AS 'nodelocal://1/other'");
        assertThatThrownBy(() -> Sessions.execute(connection, "CREATE EXTERNAL CONNECTION once AS 'nodelocal://1/once'"))
                .hasMessageContaining("external connection with connection name once already exists");
    }
}
