package dev.holdfast.engine.job;

import java.util.Optional;

/**
 * A job to be created.
 *
 * @param payload what to do, as the job type's own record
 * @param createdXid the user's transaction that has to commit before the job may begin, in PostgreSQL's 64-bit text form
 */
public record NewJob(
        JobType type, String description, String user, Object payload, Optional<String> createdXid, Optional<CreatedBy> createdBy) {
    /** What caused the job, for example a schedule. */
    public record CreatedBy(String type, long id) {}
}
