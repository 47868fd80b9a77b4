package dev.holdfast.engine.job;

import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt of one job on this node, from claim to the transition that ends it. Passing errors (a lost connection) are
 * tried again here a few times, then over wider and wider intervals by whichever node is first.
 */
final class JobRun {
    private static final Logger LOG = LoggerFactory.getLogger(JobRun.class);

    /** Within one attempt, as in CockroachDB; the counter starts again when the job has made progress. */
    private static final int RETRIES = 5;

    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(1);

    /** How long an upstream that is down is waited for before the job's fate is decided. */
    private static final Duration UPSTREAM_PATIENCE = Duration.ofMinutes(5);

    private final JobStore.Claimed claimed;
    private final JobContext context;
    private final JobStore store;
    private final UUID session;
    private final Work run;
    private final Work revert;
    private final JobState exhausted;
    private final JobCounters counters;
    private final CountDownLatch ended = new CountDownLatch(1);

    private interface Work {
        JobResult execute() throws IOException, SQLException, InterruptedException;
    }

    private JobRun(
            JobStore.Claimed claimed,
            JobContext context,
            JobStore store,
            UUID session,
            Work run,
            Work revert,
            JobState exhausted,
            JobCounters counters) {
        this.claimed = claimed;
        this.context = context;
        this.store = store;
        this.session = session;
        this.run = run;
        this.revert = revert;
        this.exhausted = exhausted;
        this.counters = counters;
    }

    static <P> JobRun of(
            JobStore.Claimed claimed,
            JobExecution<P> execution,
            JobContext context,
            JobStore store,
            UUID session,
            JobCounters counters) {
        return new JobRun(
                claimed,
                context,
                store,
                session,
                () -> execution.run(store.payload(claimed, execution.payloadType()), context),
                () -> {
                    execution.revert(store.payload(claimed, execution.payloadType()), context);
                    return null;
                },
                execution.whenRetriesAreExhausted(),
                counters);
    }

    JobType type() {
        return claimed.type();
    }

    private void count(JobCounters.Outcome outcome) {
        counters.count(claimed.type(), outcome);
    }

    void start(Runnable afterwards) {
        Thread.ofPlatform().name("job-" + claimed.id()).daemon().start(() -> {
            try {
                attempt();
            } finally {
                ended.countDown();
                afterwards.run();
            }
        });
    }

    void stop(JobInterrupted.Reason reason) {
        context.requestStop(reason);
    }

    void awaitEnd(Duration most) throws InterruptedException {
        ended.await(most.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void attempt() {
        LOG.info("job {} ({}): {}", claimed.id(), claimed.type(), claimed.state().text());
        try {
            if (claimed.state() == JobState.REVERTING) {
                revert(claimed.failure().orElseThrow());
            } else {
                run();
            }
        } catch (JobInterrupted e) {
            settle(e.reason());
        } catch (SQLException e) {
            giveBack(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() throws SQLException, InterruptedException {
        HoldfastException failure;
        boolean resumable;
        try {
            var result = withRetries(run, JobCounters.Outcome.RESUME_RETRY_ERROR);
            if (!patiently(() -> store.transition(
                    claimed.id(), session, JobState.RUNNING, JobState.SUCCEEDED, Optional.empty(), Optional.of(result)))) {
                throw new JobInterrupted(JobInterrupted.Reason.LOST_CLAIM);
            }
            count(JobCounters.Outcome.RESUME_COMPLETED);
            LOG.info("job {} ({}): succeeded", claimed.id(), claimed.type());
            return;
        } catch (Exhausted e) {
            failure = e.last.withPrefix("exhausted retries: ");
            resumable = true;
        } catch (HoldfastException e) {
            failure = e;
            // Somebody has to make room, and then it can go on.
            resumable = e.state().equals(SqlState.DISK_FULL);
        }
        LOG.info("job {} ({}) fails: {}", claimed.id(), claimed.type(), failure.getMessage());
        LOG.debug("job {}", claimed.id(), failure);
        context.endSessions();
        if (resumable && exhausted == JobState.PAUSED) {
            var reason = failure.getMessage();
            patiently(() -> store.pause(claimed.id(), session, reason));
            return;
        }
        count(JobCounters.Outcome.RESUME_FAILED);
        var recorded = JobRow.Failure.of(failure);
        if (patiently(() -> store.transition(
                claimed.id(), session, JobState.RUNNING, JobState.REVERTING, Optional.of(recorded), Optional.empty()))) {
            revert(recorded);
        }
    }

    /** Reverting is never given up: what cannot be removed now is tried again later. */
    private void revert(JobRow.Failure failure) throws SQLException, InterruptedException {
        boolean canceled = failure.code().equals(SqlState.QUERY_CANCELED.code());
        context.endSessions();
        try {
            withRetries(revert, JobCounters.Outcome.FAIL_OR_CANCEL_RETRY_ERROR);
        } catch (Exhausted e) {
            giveBack(e.last);
            return;
        } catch (HoldfastException e) {
            giveBack(e);
            return;
        }
        patiently(() -> store.transition(
                claimed.id(),
                session,
                JobState.REVERTING,
                canceled ? JobState.CANCELED : JobState.FAILED,
                Optional.empty(),
                Optional.empty()));
        count(JobCounters.Outcome.FAIL_OR_CANCEL_COMPLETED);
        LOG.info("job {} ({}): {}", claimed.id(), claimed.type(), canceled ? "canceled" : "failed");
    }

    /** The work has been stopped from outside: make the state say so, if it is still ours to say. */
    private void settle(JobInterrupted.Reason reason) {
        try {
            switch (reason) {
                case PAUSE -> {
                    context.endSessions();
                    patiently(() -> store.transition(
                            claimed.id(), session, JobState.PAUSE_REQUESTED, JobState.PAUSED, Optional.empty(), Optional.empty()));
                }
                // The next claim finds cancel-requested and reverts; a run that has seen a stop does no more work.
                case CANCEL, SHUTDOWN -> {
                    context.endSessions();
                    store.release(claimed.id(), session);
                }
                // The sessions of that name may be the new owner's by now, which has ended ours.
                case LOST_CLAIM -> {}
            }
        } catch (SQLException e) {
            giveBack(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final HoldfastException last;

        Exhausted(HoldfastException last) {
            super(last);
            this.last = last;
        }
    }

    private JobResult withRetries(Work work, JobCounters.Outcome retry) throws SQLException, InterruptedException {
        var delay = FIRST_RETRY;
        for (int tries = 0; ; tries++) {
            HoldfastException failure;
            try {
                context.checkInterrupted();
                context.endSessions();
                return work.execute();
            } catch (SQLException e) {
                context.checkInterrupted();
                failure = Upstream.translate(e);
            } catch (IOException e) {
                context.checkInterrupted();
                failure = HoldfastException.of(SqlState.IO_ERROR, e.getMessage() == null ? e.toString() : e.getMessage(), e);
            } catch (HoldfastException e) {
                context.checkInterrupted();
                failure = e;
            } catch (JobInterrupted e) {
                throw e;
            } catch (RuntimeException | Error e) {
                context.checkInterrupted();
                LOG.error("job {} ({}) hit a defect", claimed.id(), claimed.type(), e);
                failure = HoldfastException.of(SqlState.INTERNAL_ERROR, "internal error: " + e, e);
            }
            if (!Retries.isPassing(failure)) {
                throw failure;
            }
            if (tries == RETRIES) {
                throw new Exhausted(failure);
            }
            count(retry);
            LOG.warn("job {} ({}) is tried again: {}", claimed.id(), claimed.type(), failure.getMessage());
            Thread.sleep(delay);
            delay = delay.multipliedBy(2).compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : delay.multipliedBy(2);
            waitForUpstream();
        }
    }

    /** An upstream that restarts is no reason to use up the retries. */
    private void waitForUpstream() throws InterruptedException {
        long deadline = System.nanoTime() + UPSTREAM_PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            context.checkInterrupted();
            try {
                context.upstream().connect(context.upstream().uri().database(), "holdfast").close();
                return;
            } catch (SQLException e) {
                Thread.sleep(200);
            }
        }
    }

    private interface Step {
        boolean execute() throws SQLException;
    }

    /** A transition must not get lost because the upstream happens to restart just now. */
    private boolean patiently(Step step) throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + UPSTREAM_PATIENCE.toNanos();
        while (true) {
            try {
                return step.execute();
            } catch (SQLException e) {
                if (System.nanoTime() > deadline || !Retries.isPassing(Upstream.translate(e))) {
                    throw e;
                }
                Thread.sleep(200);
            }
        }
    }

    private void giveBack(Exception e) {
        LOG.warn("job {} ({}) will be tried again later: {}", claimed.id(), claimed.type(), e.getMessage());
        try {
            patiently(() -> {
                store.retryLater(claimed.id(), session, Duration.ofSeconds(30), String.valueOf(e.getMessage()));
                return true;
            });
        } catch (SQLException again) {
            // The lease will expire, and the job be adopted.
            LOG.warn("job {} could not be given back: {}", claimed.id(), again.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
