package dev.holdfast.it.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Repetitions;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** kill -9 in the middle of the work, of Holdfast and of PostgreSQL: no job is lost, and nothing is left over. */
class CrashIT {
    private static final int ROUNDS = 2;

    private static TestHoldfast holdfast;
    private static Work work;
    private static Duration backupTakes;
    private static Duration restoreTakes;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
        work = Work.create(holdfast);
        // The first run is slower than those that follow: the code is not compiled yet, as after a crash.
        long begin = System.nanoTime();
        assertThat(work.end(work.backUp())).isEqualTo("succeeded");
        backupTakes = Duration.ofNanos(System.nanoTime() - begin);
        begin = System.nanoTime();
        assertThat(work.end(work.restore("undisturbed"))).isEqualTo("succeeded");
        restoreTakes = Duration.ofNanos(System.nanoTime() - begin);
        work.assertEqualToSource("undisturbed");
        work.drop("undisturbed");
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    private static void sleepSomewhereIn(Duration time, Repetitions repetitions) throws InterruptedException {
        Thread.sleep((long) (time.toMillis() * repetitions.random().nextDouble()));
    }

    @Test
    void aBackupIsAdopted() throws Exception {
        var repetitions = Repetitions.of("aBackupIsAdopted", ROUNDS);
        for (int round = 0; round < repetitions.rounds(); round++) {
            int before = work.backups();
            long job = work.backUp();
            sleepSomewhereIn(backupTakes, repetitions);
            holdfast.kill();
            work.assertLatestIsComplete();
            holdfast.startAgain();
            assertThat(work.end(job)).as(repetitions.in(round)).isEqualTo("succeeded");
            assertThat(work.backups()).as(repetitions.in(round)).isEqualTo(before + 1);
            work.assertNothingLeft();
        }
        assertThat(work.end(work.restore("after_crash"))).isEqualTo("succeeded");
        work.assertEqualToSource("after_crash");
        work.drop("after_crash");
    }

    @Test
    void aRestoreIsAdopted() throws Exception {
        var repetitions = Repetitions.of("aRestoreIsAdopted", ROUNDS);
        for (int round = 0; round < repetitions.rounds(); round++) {
            long job = work.restore("adopted");
            sleepSomewhereIn(restoreTakes, repetitions);
            holdfast.kill();
            holdfast.startAgain();
            assertThat(work.end(job)).as(repetitions.in(round) + " " + work.story(job)).isEqualTo("succeeded");
            work.assertEqualToSource("adopted");
            work.drop("adopted");
            work.assertNothingLeft();
        }
    }

    @Test
    void aRestoreOfTablesIsAdopted() throws Exception {
        var repetitions = Repetitions.of("aRestoreOfTablesIsAdopted", ROUNDS);
        for (int round = 0; round < repetitions.rounds(); round++) {
            try (var connection = holdfast.connect("postgres")) {
                Sessions.execute(connection, "create database tables");
            }
            long job = work.restoreTables("tables");
            sleepSomewhereIn(restoreTakes, repetitions);
            holdfast.kill();
            holdfast.startAgain();
            assertThat(work.end(job)).as(repetitions.in(round) + " " + work.story(job)).isEqualTo("succeeded");
            work.assertTablesEqualToSource("tables");
            work.assertNothingLeft();
            work.drop("tables");
        }
    }

    /** The embedded one is restarted by itself; the job finds that out and begins again, or goes on. */
    @Test
    void aJobOutlivesPostgres() throws Exception {
        var repetitions = Repetitions.of("aJobOutlivesPostgres", 1);
        for (int round = 0; round < repetitions.rounds(); round++) {
            long backup = work.backUp();
            sleepSomewhereIn(backupTakes, repetitions);
            killPostgres();
            assertThat(work.end(backup)).as(repetitions.in(round) + " " + work.story(backup)).isEqualTo("succeeded");
            work.assertLatestIsComplete();
            long restore = work.restore("outlived");
            sleepSomewhereIn(restoreTakes, repetitions);
            killPostgres();
            assertThat(work.end(restore)).as(repetitions.in(round) + " " + work.story(restore)).isEqualTo("succeeded");
            work.assertEqualToSource("outlived");
            work.drop("outlived");
            work.assertNothingLeft();
        }
    }

    private static void killPostgres() throws Exception {
        holdfast.killPostgres();
        // Sessions end as with any crash of PostgreSQL; new ones wait until it is back.
        for (int i = 0; ; i++) {
            try (var connection = holdfast.connect("postgres")) {
                Sessions.execute(connection, "select 1");
                return;
            } catch (SQLException e) {
                if (i == 100) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }
}
