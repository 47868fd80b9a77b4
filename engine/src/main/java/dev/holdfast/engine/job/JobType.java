package dev.holdfast.engine.job;

/** The kinds of jobs, by the name that SHOW JOBS prints. */
public enum JobType {
    BACKUP,
    RESTORE;

    /** Automatic jobs are listed by SHOW AUTOMATIC JOBS only; none of ours is. */
    public boolean isAutomatic() {
        return switch (this) {
            case BACKUP, RESTORE -> false;
        };
    }
}
