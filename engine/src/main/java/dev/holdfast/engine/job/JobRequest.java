package dev.holdfast.engine.job;

import java.util.Optional;

/** What a user asks of a job. */
public sealed interface JobRequest {
    record Pause(Optional<String> reason) implements JobRequest {}

    record Resume() implements JobRequest {}

    record Cancel() implements JobRequest {}
}
