package dev.holdfast.engine.job;

import java.io.IOException;
import java.sql.SQLException;

/**
 * How one type of job is done. Every step is repeatable: after a crash, a pause or a passing error {@link #run} begins
 * again, on any node, with the last checkpoint.
 *
 * @param <P> the record that says what to do
 */
public interface JobExecution<P> {
    Class<P> payloadType();

    JobResult run(P payload, JobContext context) throws IOException, SQLException, InterruptedException;

    /** Removes what an unsuccessful run has left; called again until it succeeds. */
    void revert(P payload, JobContext context) throws IOException, SQLException, InterruptedException;

    /** What becomes of a job whose passing errors do not pass. */
    JobState whenRetriesAreExhausted();
}
