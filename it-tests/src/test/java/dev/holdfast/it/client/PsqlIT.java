package dev.holdfast.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Psql;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** psql through Holdfast and without it: the same scripts print the same. */
class PsqlIT {
    private static TestHoldfast holdfast;
    private static Psql psql;

    @BeforeAll
    static void start() throws Exception {
        psql = Psql.atLeast(18);
        holdfast = TestHoldfast.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (holdfast != null) {
            holdfast.close();
        }
    }

    private static void freshDatabase() throws Exception {
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, "drop database if exists scripted with (force)", "create database scripted");
        }
    }

    private static Psql.Output with(String script, String... options) throws Exception {
        return psql.run("127.0.0.1", holdfast.port(), "root", "scripted", script, options);
    }

    private static Psql.Output without(String script, String... options) throws Exception {
        return psql.run(
                holdfast.embeddedSocketDirectory().toString(),
                holdfast.embedded("postgres").port(),
                "root",
                "scripted",
                script,
                options);
    }

    /** Times, process numbers and where it is connected to differ from run to run. */
    private static String comparable(Psql.Output output) {
        return (output.text() + "\nexit code " + output.exitCode())
                .replaceAll("with PID \\d+", "with PID")
                .replaceAll("(?m)^\\w{3} \\w{3} +\\d+ .*\\(every [\\d.]+s\\)$", "TIME (every)")
                .replaceAll("connection to server (at \"127.0.0.1\"|on socket \"[^\"]*\"),? ?(port \\d+)? failed", "connection failed")
                .replaceAll("LOCATION: .*", "LOCATION");
    }

    @ParameterizedTest
    @ValueSource(strings = {"catalog", "statements"})
    void scriptsPrintTheSame(String name) throws Exception {
        var script = Files.readString(Path.of("src", "test", "resources", "psql", name + ".sql"));
        for (var options : List.of(new String[] {"--echo-queries"}, new String[] {"--set=ON_ERROR_STOP=1", "--single-transaction"})) {
            freshDatabase();
            var expected = comparable(without(script, options));
            freshDatabase();
            assertThat(comparable(with(script, options))).isEqualTo(expected).hasSizeGreaterThan(100);
        }
    }

    @Test
    void aBackupBetweenTwoSelectsInOneString() throws Exception {
        freshDatabase();
        var output = with("", "--no-align", "--tuples-only", "--command=select 'before'; BACKUP DATABASE scripted INTO 'nodelocal://1/psql';"
                + " select 'after'");
        assertThat(output.exitCode()).isZero();
        assertThat(output.text().lines()).satisfiesExactly(
                line -> assertThat(line).isEqualTo("before"),
                line -> assertThat(line).matches("\\d+\\|succeeded\\|1\\|0\\|0\\|0"),
                line -> assertThat(line).isEqualTo("after"));
    }

    /** psql describes, counts and repeats results of ours like any others, and its variables take them. */
    @Test
    void ownStatementsAreLikeAnyOthers() throws Exception {
        freshDatabase();
        var output = with(
                """
                create table t as select generate_series(1, 10) as a;
                \\set ON_ERROR_ROLLBACK on
                BACKUP DATABASE scripted INTO 'nodelocal://1/own' \\gset
                \\echo :status :rows
                BACKUP TABLE t INTO $1 \\bind 'nodelocal://1/bound' \\g (format=unaligned tuples_only=on)
                SHOW BACKUPS IN 'nodelocal://1/own' \\gdesc
                begin;
                BACKUP DATABASE scripted INTO 'nodelocal://1/own';
                select 'still usable';
                commit;
                \\set FETCH_COUNT 1
                \\t on
                SHOW BACKUPS IN 'nodelocal://1/bound';
                \\set FETCH_COUNT 0
                SHOW BACKUPS IN 'nodelocal://1/own' \\watch i=0.1 c=2
                """);
        assertThat(output.text())
                .contains("succeeded 10")
                .containsPattern("\\d+\\|succeeded\\|1\\|10\\|0\\|")
                .containsPattern("path +\\| text")
                .contains("BACKUP cannot be used inside a multi-statement transaction without DETACHED option")
                .contains("still usable")
                .containsPattern("(?s)( /\\d{4}/\\d\\d/\\d\\d-\\d{6}\\.\\d\\d\\s+){3}");
        assertThat(output.exitCode()).isZero();
    }
}
