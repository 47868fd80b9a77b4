package dev.holdfast.engine.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class UniqueIdsTest {
    private static final class SteppingClock extends Clock {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @Test
    void growAlsoWhenTheClockStepsBack() {
        var clock = new SteppingClock();
        var ids = new UniqueIds(clock, 3);
        long last = 0;
        for (int i = 0; i < 1000; i++) {
            if (i == 500) {
                clock.now = clock.now.minusSeconds(3600);
            }
            long next = ids.next();
            assertThat(next).isGreaterThan(last);
            last = next;
        }
    }

    @Test
    void nodesNeverMakeTheSame() {
        var clock = new SteppingClock();
        var seen = new HashSet<Long>();
        for (int node = 1; node <= 3; node++) {
            var ids = new UniqueIds(clock, node);
            for (int i = 0; i < 100; i++) {
                assertThat(seen.add(ids.next())).isTrue();
            }
        }
    }
}
