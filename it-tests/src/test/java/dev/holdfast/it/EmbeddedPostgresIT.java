package dev.holdfast.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.TreeMap;
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
            stopLeavingPid(postgres, stranger.pid());
            postgres.stop();
            postgres.stopAtOnce();
            postgres.startAgain();
            assertThat(answers(postgres)).isTrue();
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    /** As after a crash in a container, where nobody asks how the server ended. */
    @Test
    void aDeadProcessIsNotWaitedFor() throws Exception {
        var parent = new ProcessBuilder("sh", "-c", "sleep 0.2 & echo $!; exec sleep 600").start();
        try (var postgres = TestPostgres.start(18)) {
            long dead = Long.parseLong(parent.inputReader().readLine());
            while (ProcessHandle.of(dead).orElseThrow().info().command().isPresent()) {
                Thread.sleep(50);
            }
            stopLeavingPid(postgres, dead);
            postgres.stop();
            postgres.startAgain();
            assertThat(answers(postgres)).isTrue();
            assertThat(ProcessHandle.of(dead)).isPresent();
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void aPidThatAnotherServerHasNowIsLeftAlone() throws Exception {
        try (var postgres = TestPostgres.start(18);
                var other = TestPostgres.start(18)) {
            stopLeavingPid(postgres, other.server().postmaster().orElseThrow().pid());
            postgres.stopAtOnce();
            assertThatThrownBy(postgres::startAgain).hasMessageContaining("lock file \"postmaster.pid\" already exists");
            assertThat(answers(other)).isTrue();
            for (var file : lockFiles(postgres)) {
                Files.delete(file);
            }
            postgres.startAgain();
            assertThat(answers(postgres)).isTrue();
        }
    }

    private static void stopLeavingPid(TestPostgres postgres, long pid) throws IOException {
        var left = new TreeMap<Path, List<String>>();
        for (var file : lockFiles(postgres)) {
            left.put(file, Files.readAllLines(file));
        }
        postgres.stop();
        for (var entry : left.entrySet()) {
            entry.getValue().set(0, Long.toString(pid));
            Files.write(entry.getKey(), entry.getValue());
        }
    }

    private static List<Path> lockFiles(TestPostgres postgres) {
        return List.of(
                postgres.data().resolve("postmaster.pid"),
                postgres.socketDirectory().resolve(".s.PGSQL." + postgres.port() + ".lock"));
    }

    private static boolean answers(TestPostgres postgres) throws SQLException {
        try (var connection = postgres.upstream().connect("postgres", "test")) {
            return Sessions.one(connection, "select 1").equals("1");
        }
    }
}
