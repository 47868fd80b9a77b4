package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.it.storage.server.AwsKmsServer;
import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Backups whose data key master keys of a KMS protect: one, several, added later, and with a region down. */
class KmsIT {
    private static AwsKmsServer east;
    private static AwsKmsServer west;
    private static TestHoldfast holdfast;
    private static Connection connection;
    private static int databases;

    @BeforeAll
    static void start() throws Exception {
        east = AwsKmsServer.start("us-east-1", "alpha", "beta");
        west = AwsKmsServer.start("us-west-2", "gamma", "alias/delta");
        holdfast = TestHoldfast.start();
        connection = holdfast.connect("postgres");
        Sessions.execute(connection, "create database shop");
        try (var shop = holdfast.connect("shop")) {
            Sessions.execute(shop, "create table t as select i, 'PLAINTEXT ' || i as text from generate_series(1, 10000) i");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        holdfast.close();
        east.close();
        west.close();
    }

    private static void backUp(String collection, String kms) throws Exception {
        Sessions.execute(connection, "BACKUP DATABASE shop INTO 'nodelocal://1/" + collection + "' WITH kms = " + kms);
    }

    private static void restore(String collection, String kms) throws Exception {
        var database = "restored" + ++databases;
        assertThat(Sessions.rows(connection, "SHOW BACKUP FROM LATEST IN 'nodelocal://1/" + collection + "' WITH kms = " + kms))
                .anyMatch(row -> row.contains("|t|table|"));
        Sessions.execute(
                connection,
                "RESTORE DATABASE shop FROM LATEST IN 'nodelocal://1/" + collection + "' WITH new_db_name = " + database + ", kms = " + kms);
        try (var shop = holdfast.connect("shop");
                var restored = holdfast.connect(database)) {
            assertThat(Rows.of(restored)).isEqualTo(Rows.of(shop));
        }
        Sessions.execute(connection, "drop database " + database);
    }

    private static String quoted(String uri) {
        return "'" + uri + "'";
    }

    @Test
    void oneKey() throws Exception {
        backUp("one", quoted(east.uri("alpha")));
        try (var files = Files.walk(holdfast.extern().resolve("one"))) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)).doesNotContain("PLAINTEXT", "CANARY");
            }
        }
        restore("one", quoted(east.uri("alpha")));
        var show = "SHOW BACKUP FROM LATEST IN 'nodelocal://1/one'";
        assertThatThrownBy(() -> Sessions.rows(connection, show)).hasMessageContaining("file appears encrypted -- try specifying one of");
        assertThatThrownBy(() -> Sessions.rows(connection, show + " WITH kms = " + quoted(east.uri("beta"))))
                .hasMessageContaining("one of the provided URIs was not used when encrypting the base BACKUP: could not find an entry in the"
                        + " encryptedDataKeyMap for IDs ");
        assertThatThrownBy(() -> Sessions.rows(connection, show + " WITH encryption_passphrase = 'x'"))
                .hasMessageContaining("could not find or read encryption information");
        assertThat(Sessions.rows(connection, "SHOW JOBS"))
                .anyMatch(row -> row.contains("kms = 'aws-kms:///alpha?") && row.contains("AWS_SECRET_ACCESS_KEY=redacted"))
                .anyMatch(row -> row.contains("kms = 'aws-kms:///redacted?"))
                .noneMatch(row -> row.contains("CANARY"));
    }

    @Test
    void ofSeveralKeysAnyOneWill() throws Exception {
        var several = "(" + quoted(east.uri("alpha")) + ", " + quoted(west.uri("gamma")) + ")";
        backUp("several", several);
        restore("several", quoted(west.uri("gamma")));
        restore("several", quoted(east.uri("alpha")));
        east.goDown();
        try {
            restore("several", several);
            assertThatThrownBy(() -> backUp("several", several))
                    .hasMessageContaining("failed to encrypt data key for KMS scheme aws-kms: ")
                    .hasMessageNotContaining("CANARY");
        } finally {
            east.comeBack();
        }
    }

    @Test
    void keysAreAddedLater() throws Exception {
        backUp("added", quoted(east.uri("alpha")));
        var alter = "ALTER BACKUP LATEST IN 'nodelocal://1/added' ADD NEW_KMS = %s WITH OLD_KMS = %s";
        assertThatThrownBy(() -> Sessions.execute(connection, alter.formatted(quoted(west.uri("gamma")), quoted(east.uri("beta")))))
                .hasMessageContaining("no key in OLD_KMS matches a key that was previously used to encrypt the backup");
        Sessions.execute(connection, alter.formatted(quoted(west.uri("alias/delta")), quoted(east.uri("alpha"))));
        restore("added", quoted(west.uri("alias/delta")));
        restore("added", quoted(east.uri("alpha")));
        Sessions.execute(connection, alter.formatted(quoted(west.uri("gamma")), quoted(west.uri("alias/delta"))));
        restore("added", quoted(west.uri("gamma")));
        try (var files = Files.walk(holdfast.extern().resolve("added"))) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith("ENCRYPTION-INFO")))
                    .containsExactlyInAnyOrder("ENCRYPTION-INFO", "ENCRYPTION-INFO-2", "ENCRYPTION-INFO-3");
        }
    }

    @Test
    void aConnectionStandsForAKey() throws Exception {
        Sessions.execute(connection, "CREATE EXTERNAL CONNECTION master AS " + quoted(east.uri("beta")));
        assertThat(Sessions.one(connection, "SHOW EXTERNAL CONNECTION master")).endsWith("|KMS").doesNotContain("CANARY");
        backUp("connected", "'external://master'");
        restore("connected", "'external://master'");
        restore("connected", quoted(east.uri("beta")));
        assertThatThrownBy(() -> Sessions.execute(connection, "BACKUP DATABASE shop INTO 'external://master'"))
                .hasMessageContaining("STORAGE cannot use object of type KMS");
    }

    @Test
    void whatAServiceRefusesIsSaid() {
        assertThatThrownBy(() -> backUp("refused", quoted(east.uri("alpha", "CANARY-wrong"))))
                .hasMessageContaining("failed to encrypt data key for KMS scheme aws-kms: aws kms: InvalidSignatureException")
                .hasMessageNotContaining("CANARY");
        assertThatThrownBy(() -> backUp("refused", quoted(east.uri("nosuch")))).hasMessageContaining("NotFoundException");
        assertThatThrownBy(() -> backUp("refused", "'aws-kms:///?REGION=x&AUTH=implicit'"))
                .hasMessageContaining("path component of the KMS cannot be empty; must contain the Customer Managed Key");
        assertThatThrownBy(() -> backUp("refused", "'aws-kms:///k?AUTH=implicit'")).hasMessageContaining("could not find the aws kms region");
        assertThatThrownBy(() -> backUp("refused", "'aws-kms:///k?AUTH=implicit&REGION=x&Y=1'"))
                .hasMessageContaining("unknown KMS query parameters: Y");
        assertThatThrownBy(() -> backUp("refused", "'vault:///k'")).hasMessageContaining("no factory method found for scheme vault");
        assertThatThrownBy(() -> backUp("refused", quoted(east.uri("alpha")) + ", encryption_passphrase = 'x'"))
                .hasMessageContaining("cannot have both encryption_passphrase and kms option set");
    }
}
