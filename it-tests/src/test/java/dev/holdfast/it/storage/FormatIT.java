package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Program;
import dev.holdfast.it.support.Project;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script in docs/FORMAT.md reads a backup with other programs, as it stands there. */
class FormatIT {
    private static TestHoldfast holdfast;
    private static int databases;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "correct horse"})
    void aTableIsReadByHand(String passphrase) throws Exception {
        for (var program : new String[] {"openssl", "zstd", "psql"}) {
            Program.require(program);
        }
        var text = Files.readString(Project.root().resolve("docs").resolve("FORMAT.md"));
        var block = Pattern.compile("```bash\\n(.*?)```", Pattern.DOTALL).matcher(text);
        assertThat(block.find()).isTrue();
        var script = Files.writeString(directory.resolve("read.sh"), "cd '" + directory + "'\n" + block.group(1));
        var collection = "read" + ++databases;
        var empty = "empty" + databases;
        try (var connection = holdfast.connect("defaultdb")) {
            // More than one message of the container, and a second piece.
            Sessions.execute(
                    connection,
                    "drop table if exists readable",
                    "create table readable (id int primary key, \"Note\" text, amount numeric(10, 2), at timestamptz)",
                    "insert into readable select i, (select string_agg(md5((i * 10 + j)::text), '') from generate_series(1, 10) j), i / 7.0,"
                            + " timestamptz '2026-01-01 00:00:00+00' + i * interval '1 second' from generate_series(1, 2000) i",
                    "create database " + empty,
                    "BACKUP DATABASE defaultdb INTO 'nodelocal://1/" + collection + "'"
                            + (passphrase.isEmpty() ? "" : " WITH encryption_passphrase = '" + passphrase + "'"));
            var rows = Sessions.rows(connection, "select * from readable order by 1");
            try (var files = Files.walk(holdfast.extern().resolve(collection))) {
                var backup = files.filter(file -> file.endsWith("BACKUP_MANIFEST")).findFirst().orElseThrow().getParent();
                var outcome = Program.require("bash")
                        .with("B", backup.toString())
                        .with("TABLE", "readable")
                        .with("PASSPHRASE", passphrase)
                        .with("PGHOST", "127.0.0.1")
                        .with("PGPORT", Integer.toString(holdfast.port()))
                        .with("PGUSER", holdfast.user())
                        .with("PGDATABASE", empty)
                        .with("PGTZ", "UTC")
                        .run(script.toString());
                assertThat(outcome.exitCode()).as(outcome.text()).isZero();
                assertThat(outcome.text().lines()).hasSize(rows.size());
                assertThat(outcome.text()).contains("|2026-01-01 00:33:20+00").contains("\n7|");
                try (var copy = holdfast.connect(empty)) {
                    assertThat(Sessions.rows(copy, "select * from readable order by 1")).isEqualTo(rows);
                }
            }
        }
    }
}
