package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.it.storage.server.S3Server;
import dev.holdfast.it.storage.server.WebDavServer;
import dev.holdfast.it.storage.server.WormStore;
import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestCertificate;
import dev.holdfast.it.support.TestHoldfast;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Object lock: storage where nothing can be changed or removed. */
class WormIT {
    @TempDir
    private static Path directory;

    private static WormStore store;
    private static S3Server server;
    private static TestHoldfast holdfast;
    private static Connection connection;

    @BeforeAll
    static void start() throws Exception {
        store = new WormStore();
        server = S3Server.start(TestCertificate.create(directory), store);
        holdfast = TestHoldfast.start();
        connection = holdfast.connect("postgres");
        Sessions.execute(connection, "create database shop");
        try (var shop = holdfast.connect("shop")) {
            Sessions.execute(
                    shop,
                    "create table orders (id bigint primary key, note text)",
                    "insert into orders select i, md5(i::text) || md5((i + 1)::text) from generate_series(1, 20000) i");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        holdfast.close();
        server.close();
    }

    private static String place(String path) {
        return "'s3://bucket/" + path + "?" + S3Server.parameters("http://127.0.0.1:" + server.port()) + "'";
    }

    @Test
    void successNeedsNeitherOverwritingNorDeleting() throws Exception {
        for (var encryption : List.of("", " WITH encryption_passphrase = 'correct horse'")) {
            var place = place("success" + encryption.length());
            Sessions.execute(connection, "CREATE EXTERNAL CONNECTION IF NOT EXISTS worm AS " + place("connection"));
            var history = (encryption.isEmpty() ? " WITH" : encryption + ",") + " revision_history";
            Sessions.execute(connection, "BACKUP DATABASE shop INTO " + place + encryption, "BACKUP DATABASE shop INTO " + place + history);
            for (int i = 0; i < 2; i++) {
                try (var shop = holdfast.connect("shop")) {
                    Sessions.execute(shop, "update orders set note = 'later' where id % 100 = " + i);
                }
                Sessions.execute(connection, "BACKUP DATABASE shop INTO LATEST IN " + place + history);
            }
            Sessions.execute(connection, "RESTORE DATABASE shop FROM LATEST IN " + place
                    + (encryption.isEmpty() ? " WITH" : encryption + ",") + " new_db_name = shop_restored");
            try (var shop = holdfast.connect("shop");
                    var restored = holdfast.connect("shop_restored")) {
                assertThat(Rows.of(restored)).isEqualTo(Rows.of(shop));
            }
            Sessions.execute(connection, "drop database shop_restored with (force)");
        }
        assertThat(store.refused()).isEmpty();
    }

    /** The same by a flag of the server, for any storage: no statement can make it delete what is there. */
    @Test
    void aServerThatDeletesNothing() throws Exception {
        try (var careful = TestHoldfast.start(TestHoldfast.WRITE_ONCE_FLAG);
                var session = careful.connect("defaultdb");
                var dav = WebDavServer.start(directory, Optional.empty())) {
            Sessions.execute(session, "create table t as select 1 as a", "BACKUP DATABASE defaultdb INTO 'nodelocal://1/kept'");
            Sessions.execute(session, "insert into t values (2)", "BACKUP DATABASE defaultdb INTO LATEST IN 'nodelocal://1/kept'");
            Sessions.execute(session, "RESTORE DATABASE defaultdb FROM LATEST IN 'nodelocal://1/kept' WITH new_db_name = again");
            try (var again = careful.connect("again")) {
                assertThat(Sessions.one(again, "select count(*) from t")).isEqualTo("2");
            }
            Sessions.execute(session, "SET CLUSTER SETTING cloudstorage.nodelocal.write.node_rate_limit = '200 B'");
            var job = Sessions.one(session, "BACKUP DATABASE defaultdb INTO 'nodelocal://1/cancelled' WITH detached");
            while (!Files.isDirectory(careful.extern().resolve("cancelled"))) {
                Thread.sleep(20);
            }
            Sessions.execute(session, "CANCEL JOB " + job);
            assertThat(Sessions.rows(session, "SHOW JOB WHEN COMPLETE " + job).getFirst()).contains("|canceled|");
            try (var files = Files.walk(careful.extern().resolve("cancelled"))) {
                assertThat(files.map(Path::getFileName).map(Path::toString)).contains("BACKUP-LOCK");
            }
            // The one pointer to the newest backup would have to be replaced.
            assertThatThrownBy(() -> Sessions.execute(session, "BACKUP DATABASE defaultdb INTO 'http://" + WebDavServer.LOGIN + "@127.0.0.1:"
                            + dav.port() + "/place'"))
                    .hasMessageContaining("once and for all, since this storage cannot be listed");
        }
    }

    /** What was written stays, and is not taken for a backup; the job comes to its end. */
    @Test
    void aCancelledJobEnds() throws Exception {
        Sessions.execute(connection, "SET CLUSTER SETTING cloudstorage.s3.write.node_rate_limit = '100 KiB'");
        var job = Sessions.one(connection, "BACKUP DATABASE shop INTO " + place("cancelled") + " WITH detached");
        try (var system = holdfast.connect("system")) {
            while ("0".equals(Sessions.one(system, "select count(*) from job_progress where checkpoint is not null and job_id = " + job))) {
                Thread.sleep(20);
            }
            Sessions.execute(connection, "CANCEL JOB " + job, "RESET CLUSTER SETTING cloudstorage.s3.write.node_rate_limit");
            var status = "";
            for (int tries = 0; tries < 300 && !status.equals("canceled"); tries++) {
                Thread.sleep(100);
                status = Sessions.one(system, "select status from jobs where id = " + job);
            }
            assertThat(status).isEqualTo("canceled");
        }
        assertThat(Sessions.rows(connection, "SHOW BACKUPS IN " + place("cancelled"))).isEmpty();
        store.refused().clear();
        Sessions.execute(connection, "BACKUP DATABASE shop INTO " + place("cancelled"));
        assertThat(store.refused()).isEmpty();
    }
}
