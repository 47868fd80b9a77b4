package dev.holdfast.engine.job;

import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.crypto.Sealer;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.system.Node;
import dev.holdfast.engine.system.SystemDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs: claims those that nobody alive holds, executes each on a thread of its own, and carries out what users ask of
 * them. Everything durable is in the tables, so that any node can go on with any job.
 */
public final class JobRegistry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobRegistry.class);

    /** How often an idle node looks for jobs and for requests made through other nodes. */
    private static final Duration POLL = Duration.ofSeconds(1);

    private static final int CLAIM_AT_ONCE = 10;

    private final JobStore store;
    private final Node node;
    private final Lease lease;
    private final UniqueIds ids;
    private final Upstream upstream;
    private final Map<JobType, JobExecution<?>> executions;
    private final Map<JobId, JobRun> running = new ConcurrentHashMap<>();
    private final Semaphore nudges = new Semaphore(0);
    private final JobCounters counters = new JobCounters();
    private final Thread poller;
    private volatile boolean closing;

    private JobRegistry(
            SystemDatabase system, Sealer sealer, Node node, UniqueIds ids, Map<JobType, JobExecution<?>> executions, Lease lease) {
        this.store = new JobStore(system, sealer);
        this.node = node;
        this.ids = ids;
        this.upstream = system.upstream();
        this.executions = executions;
        this.lease = lease;
        this.poller = Thread.ofPlatform().name("jobs").daemon().unstarted(this::poll);
    }

    /**
     * Starts to adopt jobs at once. The caller holds the store's lock, so the leases of this node's earlier processes are
     * void.
     */
    public static JobRegistry start(
            SystemDatabase system, Sealer sealer, Node node, UniqueIds ids, Map<JobType, JobExecution<?>> executions)
            throws SQLException {
        var lease = Lease.acquire(system, node);
        var registry = new JobRegistry(system, sealer, node, ids, Map.copyOf(executions), lease);
        lease.onLoss(registry::stopAll);
        registry.poller.start();
        return registry;
    }

    public JobId create(NewJob job) throws SQLException {
        var id = new JobId(ids.next());
        store.insert(id, job);
        nudges.release();
        return id;
    }

    /** Changes all the jobs or, when one of them refuses, none. */
    public void request(Collection<JobId> jobs, JobRequest request) throws SQLException {
        store.request(jobs, request);
        nudges.release();
    }

    public List<JobRow> recent(boolean automatic) throws SQLException {
        return store.recent(automatic);
    }

    public List<JobRow> rows(Collection<JobId> jobs) throws SQLException {
        return store.rows(jobs);
    }

    public List<JobId> unfinished(JobType type) throws SQLException {
        return store.unfinished(type);
    }

    public JobCounters counters() {
        return counters;
    }

    public long runningHere() {
        return running.size();
    }

    public long runningHere(JobType type) {
        return running.values().stream().filter(run -> run.type() == type).count();
    }

    public long paused(JobType type) throws SQLException {
        return store.paused(type);
    }

    /** What somebody who waits for a job sees on the way; an implementation may throw to stop waiting. */
    @FunctionalInterface
    public interface Watcher {
        void on(JobRow row);
    }

    /** Waits until the job has succeeded and returns what it reports; throws what it failed with. */
    public JobResult await(JobId id, Watcher watcher) throws SQLException, InterruptedException {
        var pause = Duration.ofMillis(10);
        while (true) {
            var row = rows(List.of(id)).stream()
                    .findFirst()
                    .orElseThrow(() -> HoldfastException.of(SqlState.UNCATEGORIZED, "job with ID " + id + " does not exist"));
            watcher.on(row);
            switch (row.state()) {
                case SUCCEEDED -> {
                    return JobStore.result(row.result().orElseThrow());
                }
                case FAILED, CANCELED, REVERT_FAILED ->
                    throw row.failure().orElseThrow().toException();
                case PAUSED ->
                    throw HoldfastException.of(
                                    SqlState.UNCATEGORIZED,
                                    "job " + id + " was paused before it completed"
                                            + row.pauseReason().map(r -> " with reason: " + r).orElse(""))
                            .withHint("RESUME JOB " + id + " goes on with it, CANCEL JOB " + id + " gives it up.");
                case REVERTING -> {
                    // What it has left cannot be removed now, and that may take any time: the failure is known already.
                    if (row.nextRun().isPresent()) {
                        throw row.failure()
                                .orElseThrow()
                                .toException()
                                .withDetail("The job goes on trying to remove what it has left: "
                                        + (row.executionErrors().isEmpty() ? "" : row.executionErrors().getLast()));
                    }
                }
                case PENDING, RUNNING, PAUSE_REQUESTED, CANCEL_REQUESTED -> {}
            }
            var local = running.get(id);
            if (local == null) {
                Thread.sleep(pause);
            } else {
                local.awaitEnd(pause);
            }
            pause = pause.multipliedBy(2).compareTo(POLL) > 0 ? POLL : pause.multipliedBy(2);
        }
    }

    private void poll() {
        while (!closing) {
            try {
                carryOutRequests();
                counters.lookedForJobs();
                for (var claimed : store.claim(lease.session(), node.id(), executions.keySet(), CLAIM_AT_ONCE)) {
                    start(claimed);
                }
            } catch (SQLException e) {
                if (!closing) {
                    LOG.warn("cannot read the jobs: {}", e.getMessage());
                }
            } catch (RuntimeException e) {
                // Without this thread no job would ever run again; one row that cannot be read must not end it.
                LOG.error("while looking for jobs", e);
            }
            try {
                if (nudges.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                    nudges.drainPermits();
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void start(JobStore.Claimed claimed) {
        var context = new JobContext(claimed.id(), lease.session(), store, upstream, ids);
        var run = JobRun.of(claimed, executions.get(claimed.type()), context, store, lease.session(), counters);
        counters.claimed();
        running.put(claimed.id(), run);
        run.start(() -> {
            running.remove(claimed.id(), run);
            nudges.release();
        });
    }

    private void carryOutRequests() throws SQLException {
        for (var row : store.heldBy(lease.session())) {
            var run = running.get(row.id());
            if (run == null) {
                // Its thread ended without being able to say so: whoever claims it next carries the request out.
                if (!row.state().isTerminal()) {
                    store.release(row.id(), lease.session());
                }
                continue;
            }
            switch (row.state()) {
                case PAUSE_REQUESTED -> run.stop(JobInterrupted.Reason.PAUSE);
                case CANCEL_REQUESTED -> run.stop(JobInterrupted.Reason.CANCEL);
                case PENDING, RUNNING, PAUSED, REVERTING, SUCCEEDED, FAILED, CANCELED, REVERT_FAILED -> {}
            }
        }
    }

    private void stopAll() {
        running.values().forEach(run -> run.stop(JobInterrupted.Reason.LOST_CLAIM));
    }

    /** Stops this node's part: running jobs keep their checkpoints and are free to be adopted. */
    @Override
    public void close() throws InterruptedException {
        closing = true;
        poller.interrupt();
        poller.join();
        running.values().forEach(run -> run.stop(JobInterrupted.Reason.SHUTDOWN));
        for (var run : running.values()) {
            run.awaitEnd(Duration.ofSeconds(30));
        }
        lease.close();
    }
}
