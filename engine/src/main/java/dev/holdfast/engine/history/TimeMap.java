package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Finds the place in the stream that an instant means. Commit times alone cannot tell: a clock may be set, and a commit that
 * was applied from elsewhere brings its own time. So they are believed only between two anchors, and only as far as these allow.
 *
 * @param from the last anchor before the instant
 * @param to the next one; empty at the end of the stream
 * @param clockSet whether the clock was set between the two: then the place is that of the next anchor
 */
public record TimeMap(Instant instant, Anchor from, Optional<Anchor> to, boolean clockSet) {
    private static final Duration SAME = Duration.ofMillis(100);
    private static final Duration SLACK = Duration.ofMillis(200);

    /** {@code anchors} in the order of the stream; empty when all of them are younger. */
    public static Optional<TimeMap> of(Instant instant, List<Anchor> anchors) {
        for (int i = anchors.size() - 1; i >= 0; i--) {
            var next = i + 1 < anchors.size() ? Optional.of(anchors.get(i + 1)) : Optional.<Anchor>empty();
            var anchor = anchors.get(i);
            boolean set = next.isPresent() && wasSet(anchor, next.get());
            if (!low(anchor, next, set).isAfter(instant)) {
                return Optional.of(new TimeMap(instant, anchor, next, set));
            }
        }
        return Optional.empty();
    }

    private static boolean wasSet(Anchor anchor, Anchor next) {
        var elapsed = Duration.between(anchor.at(), next.at());
        if (!anchor.process().equals(next.process())) {
            return elapsed.isNegative();
        }
        return elapsed.minusNanos(next.monotonic() - anchor.monotonic()).abs().compareTo(SAME) > 0;
    }

    private static Instant low(Anchor anchor, Optional<Anchor> next, boolean set) {
        if (!set || !anchor.process().equals(next.orElseThrow().process())) {
            return anchor.at();
        }
        var byTheOther = next.orElseThrow().at().minusNanos(next.orElseThrow().monotonic() - anchor.monotonic());
        return byTheOther.isBefore(anchor.at()) ? byTheOther : anchor.at();
    }

    /** Whether a transaction behind {@link #from} is the first one that comes after the instant. */
    public boolean isAfter(Instant committed) {
        return !clockSet
                && committed.isAfter(instant)
                && to.map(anchor -> !committed.isAfter(anchor.at().plus(SLACK))).orElse(true);
    }
}
