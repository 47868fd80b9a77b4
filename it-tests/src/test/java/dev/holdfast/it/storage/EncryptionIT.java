package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups that are encrypted with a passphrase. */
class EncryptionIT {
    private static final String PASSPHRASE = " WITH encryption_passphrase = 'CANARY-passphrase'";

    @TempDir
    private static Path directory;

    private static TestHoldfast holdfast;
    private static Connection connection;

    @BeforeAll
    static void start() throws Exception {
        Files.writeString(Files.createDirectory(directory.resolve("keys")).resolve("nightly"), "CANARY-in-a-file\n");
        var conf = Files.writeString(directory.resolve("holdfast.conf"), "key-references.directories = [\"" + directory.resolve("keys") + "\"]");
        holdfast = TestHoldfast.start("--conf", conf.toString());
        connection = holdfast.connect("postgres");
        Sessions.execute(connection, "create database shop");
        try (var shop = holdfast.connect("shop")) {
            Sessions.execute(
                    shop,
                    "create table customers (id int primary key, name text not null)",
                    "insert into customers select i, 'PLAINTEXT customer ' || i from generate_series(1, 20000) i",
                    "create table orders (id bigint primary key, note text)",
                    "insert into orders select i, repeat(md5(i::text), 20) from generate_series(1, 5000) i");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        holdfast.close();
    }

    private static List<Path> objects(String collection) throws IOException {
        try (var files = Files.walk(holdfast.extern().resolve(collection))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static void assertRestored(String database) throws SQLException {
        try (var shop = holdfast.connect("shop");
                var restored = holdfast.connect(database)) {
            assertThat(Rows.of(restored)).isEqualTo(Rows.of(shop));
        }
    }

    @Test
    void whatIsBackedUpIsNotInTheClearAndComesBack() throws Exception {
        Sessions.execute(connection, "BACKUP DATABASE shop INTO 'nodelocal://1/clear'" + PASSPHRASE);
        var clear = new ArrayList<String>();
        for (var file : objects("clear")) {
            var bytes = Files.readAllBytes(file);
            assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).doesNotContain("CANARY").doesNotContain("PLAINTEXT");
            if (!"encrypt".equals(new String(Arrays.copyOf(bytes, Math.min(7, bytes.length)), StandardCharsets.US_ASCII))) {
                clear.add(file.getFileName().toString().replaceFirst("LATEST-.*", "LATEST"));
            }
        }
        assertThat(clear).containsExactlyInAnyOrder("BACKUP-LOCK", "BACKUP_MANIFEST-CHECKSUM", "ENCRYPTION-INFO", "LATEST");
        assertThat(Sessions.rows(connection, "SHOW BACKUP FROM LATEST IN 'nodelocal://1/clear'" + PASSPHRASE))
                .anyMatch(row -> row.contains("customers") && row.contains("20000"));
        Sessions.execute(
                connection,
                "RESTORE DATABASE shop FROM LATEST IN 'nodelocal://1/clear' WITH new_db_name = shop_clear, encryption_passphrase ="
                        + " 'CANARY-passphrase'");
        assertRestored("shop_clear");
    }

    @Test
    void wrongAndMissingPassphrasesAreToldApart() throws Exception {
        Sessions.execute(
                connection,
                "BACKUP DATABASE shop INTO 'nodelocal://1/wrong'" + PASSPHRASE,
                "BACKUP DATABASE shop INTO 'nodelocal://1/plain'");
        for (var statement : new String[] {
            "SHOW BACKUP FROM LATEST IN 'nodelocal://1/%s' WITH encryption_passphrase = '%s'",
            "RESTORE DATABASE shop FROM LATEST IN 'nodelocal://1/%s' WITH new_db_name = other, encryption_passphrase = '%s'"
        }) {
            assertThatThrownBy(() -> Sessions.execute(connection, statement.formatted("wrong", "CANARY wrong")))
                    .hasMessageContaining("failed to decrypt — maybe incorrect key: cipher: message authentication failed")
                    .hasMessageNotContaining("CANARY");
            assertThatThrownBy(() -> Sessions.execute(connection, statement.formatted("plain", "CANARY")))
                    .hasMessageContaining("could not find or read encryption information: no ENCRYPTION-INFO files found");
            assertThatThrownBy(() -> Sessions.execute(connection, statement.formatted("wrong", "")))
                    .hasMessageContaining("must not be empty");
        }
        for (var statement : new String[] {
            "SHOW BACKUP FROM LATEST IN 'nodelocal://1/wrong'",
            "RESTORE DATABASE shop FROM LATEST IN 'nodelocal://1/wrong' WITH new_db_name = other"
        }) {
            assertThatThrownBy(() -> Sessions.execute(connection, statement))
                    .hasMessageContaining(
                            "file appears encrypted -- try specifying one of \"encryption_passphrase\" or \"kms\": nodelocal://1/wrong/");
        }
    }

    @Test
    void passphrasesMayStandElsewhere() throws Exception {
        var reference = "'file://" + directory.resolve("keys/nightly") + "'";
        Sessions.execute(connection, "BACKUP DATABASE shop INTO 'nodelocal://1/elsewhere' WITH encryption_passphrase = " + reference);
        Sessions.execute(
                connection,
                "RESTORE DATABASE shop FROM LATEST IN 'nodelocal://1/elsewhere' WITH new_db_name = shop_elsewhere,"
                        + " encryption_passphrase = 'CANARY-in-a-file'");
        assertRestored("shop_elsewhere");
        assertThatThrownBy(() -> Sessions.execute(
                        connection, "BACKUP DATABASE shop INTO 'nodelocal://1/x' WITH encryption_passphrase = 'file:///etc/hostname'"))
                .hasMessageContaining("a passphrase cannot be taken from /etc/hostname");
    }

    /** The job has the derived key in its sealed payload: whoever adopts it can go on, and nobody reads it in the table. */
    @Test
    void aJobWhoseProcessDiesGoesOnWithItsKey() throws Exception {
        try (var blocker = java.sql.DriverManager.getConnection(
                holdfast.embedded("shop").toSecretString().replaceFirst("postgresql://root:([^@]*)@(.*)", "jdbc:postgresql://$2&user=root&password=$1"))) {
            Sessions.execute(blocker, "begin", "lock table orders in access exclusive mode");
            var job = Sessions.one(
                    connection, "BACKUP DATABASE shop INTO 'nodelocal://1/adopted' WITH detached, encryption_passphrase = 'CANARY-adopted'");
            try (var other = holdfast.connect("system")) {
                while (!"running".equals(Sessions.one(other, "select status from jobs where id = " + job))) {
                    Thread.sleep(50);
                }
                assertThat(Sessions.one(other, "select j::text || p::text from jobs j left join job_progress p on p.job_id = id where id = " + job))
                        .contains("encryption_passphrase = '*****'")
                        .doesNotContain("CANARY");
                assertThat(Sessions.one(other, "select position('CANARY'::bytea in payload) from jobs where id = " + job)).isEqualTo("0");
            }
            holdfast.kill();
            Sessions.execute(blocker, "rollback");
        }
        holdfast.startAgain();
        connection = holdfast.connect("postgres");
        try (var other = holdfast.connect("system")) {
            var status = "";
            for (int tries = 0; tries < 600 && !List.of("succeeded", "failed").contains(status); tries++) {
                Thread.sleep(100);
                status = Sessions.one(other, "select status from jobs where description like '%adopted%' and job_type = 'BACKUP'");
            }
            assertThat(status).isEqualTo("succeeded");
        }
        Sessions.execute(
                connection,
                "RESTORE DATABASE shop FROM LATEST IN 'nodelocal://1/adopted' WITH new_db_name = shop_adopted, encryption_passphrase ="
                        + " 'CANARY-adopted'");
        assertRestored("shop_adopted");
        try (var logs = Files.walk(holdfast.store().resolve("logs"))) {
            for (var log : logs.filter(Files::isRegularFile).toList()) {
                assertThat(log).content().doesNotContain("CANARY");
            }
        }
    }
}
