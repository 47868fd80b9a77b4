package dev.holdfast.it.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Repetitions;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** PAUSE, RESUME and CANCEL at random moments. What was accepted happens, what cannot be is refused, and nothing is left. */
class JobControlIT {
    private static TestHoldfast holdfast;
    private static Work work;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
        work = Work.create(holdfast);
        assertThat(work.end(work.backUp())).isEqualTo("succeeded");
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    private enum Kind {
        BACKUP,
        RESTORE,
        TABLES
    }

    @Test
    void atRandomMoments() throws Exception {
        var repetitions = Repetitions.of("JobControlIT", 9);
        for (int round = 0; round < repetitions.rounds(); round++) {
            var kind = Kind.values()[round % Kind.values().length];
            int backups = work.backups();
            if (kind == Kind.TABLES) {
                execute("create database controlled");
            }
            long job =
                    switch (kind) {
                        case BACKUP -> work.backUp();
                        case RESTORE -> work.restore("controlled");
                        case TABLES -> work.restoreTables("controlled");
                    };
            var log = new ArrayList<String>(List.of(repetitions.in(round), kind + " " + job));
            var end = disturb(job, repetitions, log);
            assertThat(end).as(log + work.story(job)).isIn("succeeded", "canceled");
            boolean succeeded = end.equals("succeeded");
            switch (kind) {
                case BACKUP -> assertThat(work.backups()).as("%s", log).isEqualTo(backups + (succeeded ? 1 : 0));
                case RESTORE -> {
                    assertThat(work.exists("controlled")).as("%s", log).isEqualTo(succeeded);
                    if (succeeded) {
                        work.assertEqualToSource("controlled");
                        work.drop("controlled");
                    }
                }
                case TABLES -> {
                    if (succeeded) {
                        work.assertTablesEqualToSource("controlled");
                    } else {
                        try (var connection = holdfast.connect("controlled")) {
                            assertThat(Sessions.rows(connection, "select relname from pg_class where relnamespace = 'public'::regnamespace"))
                                    .as("%s", log)
                                    .isEmpty();
                        }
                    }
                    work.drop("controlled");
                }
            }
            work.assertNothingLeft();
        }
    }

    private static void execute(String sql) throws SQLException {
        try (var connection = holdfast.connect("postgres")) {
            Sessions.execute(connection, sql);
        }
    }

    /** Until the job is at an end; a job that stays paused is resumed or cancelled. */
    private static String disturb(long job, Repetitions repetitions, List<String> log) throws Exception {
        var random = repetitions.random();
        for (int i = 0; i < 4; i++) {
            Thread.sleep(random.nextInt(600));
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    if (request("PAUSE JOB " + job, log)) {
                        assertThat(work.end(job)).as("%s", log).isEqualTo("paused");
                    }
                }
                case 2, 3 -> {
                    if (request("RESUME JOB " + job, log)) {
                        assertThat(work.status(job)).as("%s", log).isIn("running", "succeeded");
                    }
                }
                default -> {
                    if (request("CANCEL JOB " + job, log)) {
                        assertThat(work.end(job)).as("%s", log).isEqualTo("canceled");
                    }
                }
            }
        }
        if (work.end(job).equals("paused")) {
            assertThat(request((random.nextBoolean() ? "RESUME JOB " : "CANCEL JOB ") + job, log)).as("%s", log).isTrue();
            for (int i = 0; work.status(job).equals("paused") && i < 100; i++) {
                Thread.sleep(50);
            }
        }
        return work.end(job);
    }

    /** False when it was refused, which has to be for a reason that the documents name. */
    private static boolean request(String statement, List<String> log) throws SQLException {
        try {
            execute(statement);
            log.add(statement);
            return true;
        } catch (SQLException e) {
            log.add(statement + " refused: " + e.getMessage());
            assertThat(e.getSQLState()).isEqualTo("XXUUU");
            assertThat(e.getMessage())
                    .as("%s", log)
                    .containsPattern("job with status [a-z-]+ cannot be (resumed|requested to be (paused|canceled))|not cancelable");
            return false;
        }
    }
}
