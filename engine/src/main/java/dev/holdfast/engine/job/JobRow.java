package dev.holdfast.engine.job;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A job as it stands in the tables, secrets left out. */
public record JobRow(
        JobId id,
        JobType type,
        String description,
        String user,
        JobState state,
        Optional<String> runningStatus,
        Instant created,
        Optional<Instant> started,
        Optional<Instant> finished,
        Instant modified,
        double fractionCompleted,
        Optional<Failure> failure,
        Optional<Integer> coordinator,
        Optional<Instant> lastRun,
        Optional<Instant> nextRun,
        long runs,
        List<String> executionErrors,
        Optional<String> pauseReason,
        Optional<String> result) {

    /** Why a job is being reverted or has failed. */
    public record Failure(String code, String message, Optional<String> detail, Optional<String> hint) {
        static Failure of(HoldfastException e) {
            return new Failure(e.state().code(), e.getMessage(), e.detail(), e.hint());
        }

        HoldfastException toException() {
            var exception = HoldfastException.of(new SqlState(code), message);
            if (detail.isPresent()) {
                exception = exception.withDetail(detail.get());
            }
            return hint.isPresent() ? exception.withHint(hint.get()) : exception;
        }
    }
}
