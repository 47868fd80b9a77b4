package dev.holdfast.engine.job;

/** The id of a job as users see it: a large integer, unique in the cluster and growing with time. */
public record JobId(long value) implements Comparable<JobId> {
    @Override
    public int compareTo(JobId other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
