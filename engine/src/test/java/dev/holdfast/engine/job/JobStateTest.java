package dev.holdfast.engine.job;

import static dev.holdfast.engine.job.JobState.CANCELED;
import static dev.holdfast.engine.job.JobState.CANCEL_REQUESTED;
import static dev.holdfast.engine.job.JobState.FAILED;
import static dev.holdfast.engine.job.JobState.PAUSED;
import static dev.holdfast.engine.job.JobState.PAUSE_REQUESTED;
import static dev.holdfast.engine.job.JobState.PENDING;
import static dev.holdfast.engine.job.JobState.REVERTING;
import static dev.holdfast.engine.job.JobState.REVERT_FAILED;
import static dev.holdfast.engine.job.JobState.RUNNING;
import static dev.holdfast.engine.job.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.error.HoldfastException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Every state against every request and every other state. */
class JobStateTest {
    @Test
    void whatANodeMayDo() {
        var allowed = Map.of(
                PENDING, Set.of(RUNNING),
                RUNNING, Set.of(SUCCEEDED, REVERTING, PAUSED),
                PAUSE_REQUESTED, Set.of(PAUSED),
                CANCEL_REQUESTED, Set.of(REVERTING),
                REVERTING, Set.of(FAILED, CANCELED, REVERT_FAILED));
        for (var from : JobState.values()) {
            for (var to : JobState.values()) {
                assertThat(from.mayBecome(to)).as(from + " -> " + to).isEqualTo(allowed.getOrDefault(from, Set.of()).contains(to));
            }
        }
    }

    @Test
    void whatAPauseDoes() {
        check(JobState::onPause, Map.of(PENDING, PAUSE_REQUESTED, RUNNING, PAUSE_REQUESTED, REVERTING, PAUSE_REQUESTED),
                Set.of(PAUSE_REQUESTED, PAUSED), "requested to be paused");
    }

    @Test
    void whatAResumeDoes() {
        check(state -> state.onResume(false), Map.of(PAUSED, RUNNING), Set.of(RUNNING, REVERTING), "resumed");
        check(state -> state.onResume(true), Map.of(PAUSED, REVERTING), Set.of(RUNNING, REVERTING), "resumed");
    }

    @Test
    void whatACancelDoes() {
        check(JobState::onCancel,
                Map.of(PENDING, CANCEL_REQUESTED, RUNNING, CANCEL_REQUESTED, PAUSED, CANCEL_REQUESTED),
                Set.of(CANCEL_REQUESTED, CANCELED), "requested to be canceled");
    }

    private static void check(
            Function<JobState, Optional<JobState>> request, Map<JobState, JobState> changes, Set<JobState> ignored, String words) {
        for (var state : JobState.values()) {
            if (changes.containsKey(state)) {
                assertThat(request.apply(state)).as(state.toString()).contains(changes.get(state));
            } else if (ignored.contains(state)) {
                assertThat(request.apply(state)).as(state.toString()).isEmpty();
            } else {
                assertThatThrownBy(() -> request.apply(state))
                        .as(state.toString())
                        .isInstanceOf(HoldfastException.class)
                        .hasMessage("job with status " + state.text() + " cannot be " + words);
            }
        }
    }

    @Test
    void textsReadBack() {
        for (var state : JobState.values()) {
            assertThat(JobState.parse(state.text())).isEqualTo(state);
        }
        assertThat(EnumSet.allOf(JobState.class).stream().filter(JobState::isTerminal))
                .containsExactlyInAnyOrder(SUCCEEDED, FAILED, CANCELED, REVERT_FAILED);
    }
}
