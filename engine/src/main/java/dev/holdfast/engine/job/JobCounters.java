package dev.holdfast.engine.job;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What this process has done with jobs since it started. */
public final class JobCounters {
    /** How an attempt on this node has ended. */
    public enum Outcome {
        RESUME_COMPLETED,
        RESUME_FAILED,
        RESUME_RETRY_ERROR,
        FAIL_OR_CANCEL_COMPLETED,
        FAIL_OR_CANCEL_RETRY_ERROR
    }

    private final Map<JobType, Map<Outcome, LongAdder>> outcomes = new EnumMap<>(JobType.class);
    private final LongAdder adoptIterations = new LongAdder();
    private final LongAdder claimed = new LongAdder();

    JobCounters() {
        for (var type : JobType.values()) {
            var adders = new EnumMap<Outcome, LongAdder>(Outcome.class);
            for (var outcome : Outcome.values()) {
                adders.put(outcome, new LongAdder());
            }
            outcomes.put(type, adders);
        }
    }

    void count(JobType type, Outcome outcome) {
        outcomes.get(type).get(outcome).increment();
    }

    void lookedForJobs() {
        adoptIterations.increment();
    }

    void claimed() {
        claimed.increment();
    }

    public long of(JobType type, Outcome outcome) {
        return outcomes.get(type).get(outcome).sum();
    }

    public long adoptIterations() {
        return adoptIterations.sum();
    }

    public long claimedJobs() {
        return claimed.sum();
    }
}
