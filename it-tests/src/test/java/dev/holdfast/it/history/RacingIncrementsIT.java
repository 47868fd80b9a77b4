package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Two increments that lead on from the same layer would make two chains of one. */
class RacingIncrementsIT {
    private static final int RACERS = 3;

    @Test
    void oneWinsAndTheOthersSaySo() throws Exception {
        try (var holdfast = TestHoldfast.start();
                var session = holdfast.connect("defaultdb")) {
            Sessions.execute(
                    session,
                    "create table t (id int primary key)",
                    "insert into t select generate_series(1, 1000)",
                    "backup database defaultdb into 'nodelocal://1/race' with revision_history");
            int won = 0;
            int lost = 0;
            for (int round = 0; round < 3; round++) {
                Sessions.execute(session, "insert into t values (" + (2000 + round) + ")");
                for (var outcome : race(holdfast)) {
                    if (outcome == null) {
                        won++;
                    } else {
                        assertThat(outcome.getMessage())
                                .containsAnyOf("at the same time", "must be greater than", "is not after", "already contains");
                        lost++;
                    }
                }
            }
            assertThat(won).isGreaterThanOrEqualTo(3);
            assertThat(lost).as("the racers have never met").isPositive();
            // A job that gives up gives back what it had taken.
            Sessions.execute(session, "backup database defaultdb into latest in 'nodelocal://1/race'");
            Sessions.execute(session, "restore database defaultdb from latest in 'nodelocal://1/race' with new_db_name = 'copy'");
            try (var copy = holdfast.connect("copy")) {
                assertThat(Sessions.rows(copy, "select count(*), sum(id) from t"))
                        .isEqualTo(Sessions.rows(session, "select count(*), sum(id) from t"));
            }
        }
    }

    private static ArrayList<SQLException> race(TestHoldfast holdfast) throws Exception {
        var start = new CountDownLatch(1);
        var outcomes = new ArrayList<SQLException>();
        try (var racers = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = new ArrayList<Future<SQLException>>();
            for (int i = 0; i < RACERS; i++) {
                futures.add(racers.submit((Callable<SQLException>) () -> {
                    try (var connection = holdfast.connect("defaultdb")) {
                        start.await();
                        Sessions.execute(connection, "backup database defaultdb into latest in 'nodelocal://1/race' with revision_history");
                        return null;
                    } catch (SQLException e) {
                        return e;
                    }
                }));
            }
            start.countDown();
            for (var future : futures) {
                outcomes.add(future.get());
            }
        }
        return outcomes;
    }
}
