package dev.holdfast.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.it.support.Leftovers;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What storage can be like when it is not as it should be: the documented message and SQLSTATE, the session goes on, and
 * nothing that is not this job's is touched. (Bad names and options: scenarios/own/errors.sql.)
 */
class BadInputIT {
    /** On a file system of its own, where this process may mount one. */
    private static Path extern;

    private static boolean mounted;
    private static TestHoldfast holdfast;

    private Connection session;
    private String place;
    private Path directory;

    @BeforeAll
    static void start() throws Exception {
        extern = Files.createTempDirectory("holdfast-bad-input-");
        mounted = run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", extern.toString());
        holdfast = TestHoldfast.start("--external-io-dir", extern.toString());
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, "create database bank");
        }
        try (var connection = holdfast.connect("bank")) {
            Sessions.execute(
                    connection,
                    "create table accounts as select i as id, md5(i::text) as owner from generate_series(1, 20000) i",
                    "create table customers as select i as id from generate_series(1, 10) i");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
        if (mounted) {
            run("umount", extern.toString());
        }
        Directories.deleteRecursively(extern);
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            var process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @BeforeEach
    void connect() throws Exception {
        session = holdfast.connect("bank");
        var name = "place" + System.nanoTime();
        place = "nodelocal://1/" + name;
        directory = extern.resolve(name);
    }

    /** Whatever happened, the session can go on, and nothing half-made is there. */
    @AfterEach
    void goesOn() throws Exception {
        assertThat(Sessions.one(session, "select count(*) from customers")).isEqualTo("10");
        session.close();
        assertThat(Leftovers.inServer(holdfast::connect)).isEmpty();
        Directories.deleteRecursively(directory);
    }

    private void assertRefused(String statement, String sqlState, String message) {
        var error = catchThrowableOfType(SQLException.class, () -> Sessions.rows(session, statement));
        assertThat((Throwable) error).as(statement).isNotNull();
        assertThat(error.getMessage()).containsPattern(message);
        assertThat(error.getSQLState()).isEqualTo(sqlState);
    }

    private Path backUp() throws Exception {
        Sessions.rows(session, "BACKUP DATABASE bank INTO '" + place + "'");
        var path = Sessions.one(session, "SHOW BACKUPS IN '" + place + "'");
        return directory.resolve(path.substring(1));
    }

    private static void flipBit(Path file, long at) throws IOException {
        var bytes = Files.readAllBytes(file);
        bytes[(int) at] ^= 4;
        Files.write(file, bytes);
    }

    private static Path largestIn(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length())).orElseThrow();
        }
    }

    // ---- damage ----

    @Test
    void oneFlippedBitInADataFile() throws Exception {
        var data = largestIn(backUp().resolve("data"));
        flipBit(data, Files.size(data) / 2);
        assertRefused(
                "RESTORE DATABASE bank FROM LATEST IN '" + place + "' WITH new_db_name = 'copy'",
                "XX001",
                "backup file .*" + data.getFileName() + " is damaged: ");
        assertRefused(
                "RESTORE TABLE bank.accounts, bank.customers FROM LATEST IN '" + place + "' WITH into_db = 'defaultdb'",
                "XX001",
                "backup file .*" + data.getFileName() + " is damaged: ");
        assertThat(Sessions.rows(session, "select from pg_database where datname = 'copy'")).isEmpty();
    }

    @Test
    void aDataFileThatIsMissingOrShort() throws Exception {
        var data = largestIn(backUp().resolve("data"));
        var bytes = Files.readAllBytes(data);
        Files.write(data, java.util.Arrays.copyOf(bytes, bytes.length - 1));
        var restore = "RESTORE DATABASE bank FROM LATEST IN '" + place + "' WITH new_db_name = 'copy'";
        assertRefused(restore, "XX001", "backup file .*" + data.getFileName() + " is damaged: it ends 1 bytes early");
        Files.delete(data);
        assertRefused(restore, "XX001", "backup file .*" + data.getFileName() + " is damaged: it is missing");
    }

    @Test
    void aDamagedManifest() throws Exception {
        var manifest = backUp().resolve("BACKUP_MANIFEST");
        var good = Files.readAllBytes(manifest);
        flipBit(manifest, good.length / 2);
        var restore = "RESTORE DATABASE bank FROM LATEST IN '" + place + "' WITH new_db_name = 'copy'";
        assertRefused(restore, "XX001", "backup file .*BACKUP_MANIFEST is damaged: checksum mismatch; expected \\w{8}, got \\w{8}");
        assertRefused("SHOW BACKUP FROM LATEST IN '" + place + "'", "XX001", "BACKUP_MANIFEST is damaged");
        // Without its checksum it is still found out.
        Files.delete(manifest.resolveSibling("BACKUP_MANIFEST-CHECKSUM"));
        assertRefused(restore, "XX001", "BACKUP_MANIFEST is damaged");
        Files.write(manifest, new byte[0]);
        assertRefused(restore, "XX001", "BACKUP_MANIFEST is damaged");
    }

    @Test
    void damagedLists() throws Exception {
        var backup = backUp();
        for (var name : new String[] {"descriptorslist.sst", "filelist.sst"}) {
            var file = backup.resolve(name);
            var good = Files.readAllBytes(file);
            flipBit(file, good.length / 2);
            assertRefused(
                    "RESTORE DATABASE bank FROM LATEST IN '" + place + "' WITH new_db_name = 'copy'",
                    "XX001",
                    "backup file .*" + name + " is damaged");
            Files.write(file, good);
        }
    }

    @Test
    void aPointerThatPointsNowhere() throws Exception {
        backUp();
        var pointer = largestIn(directory.resolve("metadata").resolve("latest"));
        Files.writeString(pointer, " ");
        var restore = "RESTORE DATABASE bank FROM LATEST IN '" + place + "' WITH new_db_name = 'copy'";
        assertRefused(restore, "XXUUU", "malformed LATEST file");
        Files.writeString(pointer, "/2001/01/01-000000.00");
        assertRefused(restore, "58P01", "could not find BACKUP manifest file in any of the known locations");
    }

    // ---- places that are somebody else's ----

    @Test
    void aDirectoryThatIsLocked() throws Exception {
        Sessions.execute(session, "SET CLUSTER SETTING bulkio.backup.deprecated_full_backup_with_subdir.enabled = true");
        try {
            var taken = Files.createDirectories(directory.resolve("taken"));
            var others = Files.writeString(taken.resolve("somebody's"), "file");
            for (var owner : new String[] {"{\"job\":42,\"attempt\":\"a\"}", "a lock in another form"}) {
                var lock = Files.writeString(taken.resolve("BACKUP-LOCK"), owner);
                var job = owner.startsWith("{") ? "42" : "unknown";
                assertRefused(
                        "BACKUP DATABASE bank INTO 'taken' IN '" + place + "'",
                        "58P02",
                        "taken/? already contains a `BACKUP-LOCK` file written by job " + job);
                assertThat(lock).hasContent(owner);
            }
            assertThat(others).hasContent("file");
            Files.delete(taken.resolve("BACKUP-LOCK"));
            Sessions.rows(session, "BACKUP DATABASE bank INTO 'taken' IN '" + place + "'");
            // Where there is a backup, the same statement appends to it.
            Sessions.rows(session, "BACKUP DATABASE bank INTO 'taken' IN '" + place + "'");
            assertThat(directory.resolve("incrementals").resolve("taken")).isNotEmptyDirectory();
            assertThat(others).hasContent("file");
        } finally {
            Sessions.execute(session, "RESET CLUSTER SETTING bulkio.backup.deprecated_full_backup_with_subdir.enabled");
        }
    }

    /** A job that fails removes what it wrote, and nothing else: not what lies in its directory, nor backups below it. */
    @Test
    void whatAFailedBackupLeavesAlone() throws Exception {
        var earlier = backUp();
        Sessions.execute(session, "SET CLUSTER SETTING bulkio.backup.deprecated_full_backup_with_subdir.enabled = true");
        var year = earlier.getParent().getParent().getFileName().toString();
        var others = Files.writeString(directory.resolve(year).resolve("somebody's"), "file");
        try {
            // Cancelled once it has taken the directory, while it reads.
            Sessions.execute(session, "create table many as select md5(i::text) as a from generate_series(1, 300000) i");
            var job = Long.parseLong(Sessions.one(session, "BACKUP DATABASE bank INTO '" + year + "' IN '" + place + "' WITH detached"));
            while (!Files.exists(directory.resolve(year).resolve("BACKUP-LOCK"))) {
                Thread.sleep(1);
            }
            Sessions.execute(session, "CANCEL JOB " + job);
            assertThat(Sessions.rows(session, "SHOW JOB WHEN COMPLETE " + job).getFirst()).contains("|canceled|");
        } finally {
            Sessions.execute(session, "RESET CLUSTER SETTING bulkio.backup.deprecated_full_backup_with_subdir.enabled", "drop table many");
        }
        assertThat(Files.exists(directory.resolve(year).resolve("BACKUP-LOCK"))).isEqualTo(TestHoldfast.WRITE_ONCE);
        assertThat(others).hasContent("file");
        assertThat(earlier.resolve("BACKUP_MANIFEST")).exists();
        Sessions.rows(session, "RESTORE DATABASE bank FROM LATEST IN '" + place + "' WITH new_db_name = 'copy'");
        Sessions.execute(session, "drop database copy");
    }

    // ---- full disks ----

    @Test
    void aFullDiskUnderTheCollection() throws Exception {
        assumeTrue(mounted, "no file system can be mounted here");
        var filler = extern.resolve("filler");
        var free = Files.getFileStore(extern).getUsableSpace();
        Files.write(filler, new byte[(int) free - 200_000]);
        try {
            assertRefused("BACKUP DATABASE bank INTO '" + place + "'", "53100", "cannot write to nodelocal storage: No space left on device");
            assertThat(Files.exists(directory)).isEqualTo(TestHoldfast.WRITE_ONCE);
            assertThat(Leftovers.inCollections(extern)).isEmpty();
        } finally {
            Files.delete(filler);
        }
        backUp();
    }

    @Test
    void aFileWhereADirectoryShouldBe() throws Exception {
        Files.writeString(directory, "no directory");
        assertRefused("BACKUP DATABASE bank INTO '" + place + "'", "XXUUU", "cannot write to nodelocal storage");
        assertThat(Sessions.rows(session, "SHOW BACKUPS IN '" + place + "'")).isEmpty();
    }
}
