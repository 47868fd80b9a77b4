package dev.holdfast.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestPostgres;
import java.nio.file.Files;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedPostgresIT {
    @ParameterizedTest
    @ValueSource(ints = {15, 16, 17, 18})
    void everyMajorVersionStarts(int version) throws Exception {
        try (var postgres = TestPostgres.start(version);
                var connection = postgres.upstream().connect("postgres", "test");
                var statement = connection.createStatement();
                var result = statement.executeQuery("select current_setting('server_version_num')::int / 10000")) {
            assertThat(result.next()).isTrue();
            assertThat(result.getInt(1)).isEqualTo(version);
        }
    }

    /** As after a crash, when the pid of the dead server belongs to somebody else. */
    @Test
    void aPidThatAnotherProgramHasNowIsLeftAlone() throws Exception {
        var stranger = new ProcessBuilder("sleep", "600").start();
        try (var postgres = TestPostgres.start(18)) {
            var pidFile = postgres.data().resolve("postmaster.pid");
            var lines = Files.readAllLines(pidFile);
            postgres.stop();
            lines.set(0, Long.toString(stranger.pid()));
            Files.write(pidFile, lines);
            postgres.stop();
            postgres.stopAtOnce();
            postgres.startAgain();
            assertThat(answers(postgres)).isTrue();
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void aPidThatAnotherServerHasNowIsLeftAlone() throws Exception {
        try (var postgres = TestPostgres.start(18);
                var other = TestPostgres.start(18)) {
            var pidFile = postgres.data().resolve("postmaster.pid");
            var lines = Files.readAllLines(pidFile);
            postgres.stop();
            lines.set(0, Long.toString(other.server().postmaster().orElseThrow().pid()));
            Files.write(pidFile, lines);
            postgres.stopAtOnce();
            assertThatThrownBy(postgres::startAgain).hasMessageContaining("lock file \"postmaster.pid\" already exists");
            assertThat(answers(other)).isTrue();
            Files.delete(pidFile);
            postgres.startAgain();
            assertThat(answers(postgres)).isTrue();
        }
    }

    private static boolean answers(TestPostgres postgres) throws SQLException {
        try (var connection = postgres.upstream().connect("postgres", "test")) {
            return Sessions.one(connection, "select 1").equals("1");
        }
    }
}
