package dev.holdfast.engine.job;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.util.Locale;
import java.util.Optional;

/**
 * The lifecycle of a job. Requests of users ({@link #onPause}, {@link #onResume}, {@link #onCancel}) only mark what is
 * wanted; the node that holds the claim, or the one that adopts the job, carries it out ({@link #mayBecome}).
 */
public enum JobState {
    PENDING,
    RUNNING,
    PAUSE_REQUESTED,
    PAUSED,
    CANCEL_REQUESTED,
    REVERTING,
    SUCCEEDED,
    FAILED,
    CANCELED,
    REVERT_FAILED;

    /** As in the table and in SHOW JOBS. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static JobState parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    public boolean isTerminal() {
        return switch (this) {
            case SUCCEEDED, FAILED, CANCELED, REVERT_FAILED -> true;
            case PENDING, RUNNING, PAUSE_REQUESTED, PAUSED, CANCEL_REQUESTED, REVERTING -> false;
        };
    }

    /** What a node may do to a job it holds. */
    public boolean mayBecome(JobState next) {
        return switch (this) {
            case PENDING -> next == RUNNING;
            case RUNNING -> next == SUCCEEDED || next == REVERTING || next == PAUSED;
            case PAUSE_REQUESTED -> next == PAUSED;
            case CANCEL_REQUESTED -> next == REVERTING;
            case REVERTING -> next == FAILED || next == CANCELED || next == REVERT_FAILED;
            case PAUSED, SUCCEEDED, FAILED, CANCELED, REVERT_FAILED -> false;
        };
    }

    /** The state after a PAUSE; empty when it changes nothing. */
    public Optional<JobState> onPause() {
        return switch (this) {
            case PENDING, RUNNING, REVERTING -> Optional.of(PAUSE_REQUESTED);
            case PAUSE_REQUESTED, PAUSED -> Optional.empty();
            case CANCEL_REQUESTED, SUCCEEDED, FAILED, CANCELED, REVERT_FAILED -> throw refused("requested to be paused");
        };
    }

    /**
     * The state after a RESUME; empty when it changes nothing.
     *
     * @param hasFailed the job was paused while it was being reverted
     */
    public Optional<JobState> onResume(boolean hasFailed) {
        return switch (this) {
            case PAUSED -> Optional.of(hasFailed ? REVERTING : RUNNING);
            case RUNNING, REVERTING -> Optional.empty();
            case PENDING, PAUSE_REQUESTED, CANCEL_REQUESTED, SUCCEEDED, FAILED, CANCELED, REVERT_FAILED ->
                throw refused("resumed");
        };
    }

    /** The state after a CANCEL; empty when it changes nothing. */
    public Optional<JobState> onCancel() {
        return switch (this) {
            case PENDING, RUNNING, PAUSED -> Optional.of(CANCEL_REQUESTED);
            case CANCEL_REQUESTED, CANCELED -> Optional.empty();
            case PAUSE_REQUESTED, REVERTING, SUCCEEDED, FAILED, REVERT_FAILED -> throw refused("requested to be canceled");
        };
    }

    private HoldfastException refused(String request) {
        return HoldfastException.of(SqlState.UNCATEGORIZED, "job with status " + text() + " cannot be " + request);
    }
}
