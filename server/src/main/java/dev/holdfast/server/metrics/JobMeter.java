package dev.holdfast.server.metrics;

import dev.holdfast.engine.job.JobCounters;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.job.JobType;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Jobs under the names that CockroachDB's dashboards and alert rules ask for. Counters are gauges here: as counters the
 * registry would name them {@code ..._total}.
 */
public final class JobMeter {
    private final MeterRegistry registry;
    private final String node;

    private JobMeter(MeterRegistry registry, int nodeId) {
        this.registry = registry;
        this.node = Integer.toString(nodeId);
    }

    public static void register(MeterRegistry registry, JobRegistry jobs, int nodeId) {
        var meter = new JobMeter(registry, nodeId);
        var counters = jobs.counters();
        for (var type : JobType.values()) {
            var prefix = "jobs." + type.name().toLowerCase(Locale.ROOT) + ".";
            meter.add(prefix + "currently_running", "jobs that run on this node", () -> jobs.runningHere(type));
            meter.add(prefix + "currently_idle", "running jobs that wait for something to do", () -> 0);
            meter.add(prefix + "currently_paused", "paused jobs of the cluster", () -> paused(jobs, type));
            for (var outcome : JobCounters.Outcome.values()) {
                meter.add(prefix + outcome.name().toLowerCase(Locale.ROOT), description(outcome), () -> counters.of(type, outcome));
            }
        }
        meter.add("jobs.adopt_iterations", "times this node has looked for jobs", counters::adoptIterations);
        meter.add("jobs.claimed_jobs", "jobs this node has claimed", counters::claimedJobs);
        meter.add("jobs.resumed_claimed_jobs", "claimed jobs this node has begun to run", counters::claimedJobs);
        meter.add("jobs.running_non_idle", "jobs that run on this node and are busy", jobs::runningHere);
    }

    private static String description(JobCounters.Outcome outcome) {
        return switch (outcome) {
            case RESUME_COMPLETED -> "jobs that have succeeded on this node";
            case RESUME_FAILED -> "jobs that have failed on this node";
            case RESUME_RETRY_ERROR -> "attempts that have failed with an error that may pass";
            case FAIL_OR_CANCEL_COMPLETED -> "failed and cancelled jobs whose leftovers were removed";
            case FAIL_OR_CANCEL_RETRY_ERROR -> "attempts to remove leftovers that have failed";
        };
    }

    /** Not a number when the upstream cannot be asked: no alert should read that as none. */
    private static Number paused(JobRegistry jobs, JobType type) {
        try {
            return jobs.paused(type);
        } catch (SQLException e) {
            return Double.NaN;
        }
    }

    private void add(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).tag("node_id", node).strongReference(true).register(registry);
    }
}
