package dev.holdfast.engine.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.cluster.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TimeMapTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final UUID PROCESS = new UUID(0, 1);
    private static final UUID ANOTHER = new UUID(0, 2);

    private static Anchor anchor(long place, double seconds, double elapsed, UUID process) {
        return new Anchor(new Lsn(place), at(seconds), (long) (elapsed * 1e9), process);
    }

    private static Instant at(double seconds) {
        return NOON.plusNanos((long) (seconds * 1e9));
    }

    @Test
    void betweenTwoAnchors() {
        var anchors = List.of(anchor(100, 0, 0, PROCESS), anchor(200, 5, 5, PROCESS), anchor(300, 10, 10, PROCESS));
        var map = TimeMap.of(at(6), anchors).orElseThrow();
        assertThat(map.from().lsn()).isEqualTo(new Lsn(200));
        assertThat(map.to().orElseThrow().lsn()).isEqualTo(new Lsn(300));
        assertThat(map.isAfter(at(6))).isFalse();
        assertThat(map.isAfter(at(6.001))).isTrue();
        // Its own clock, or one from elsewhere: it comes before the next anchor, so it is not that late.
        assertThat(map.isAfter(at(10.1))).isTrue();
        assertThat(map.isAfter(at(11))).isFalse();
    }

    @Test
    void atAnAnchorAndBehindTheLastOne() {
        var anchors = List.of(anchor(100, 0, 0, PROCESS), anchor(200, 5, 5, PROCESS));
        assertThat(TimeMap.of(at(0), anchors).orElseThrow().from().lsn()).isEqualTo(new Lsn(100));
        var last = TimeMap.of(at(5), anchors).orElseThrow();
        assertThat(last.from().lsn()).isEqualTo(new Lsn(200));
        assertThat(last.to()).isEmpty();
        assertThat(last.isAfter(at(500))).isTrue();
        assertThat(TimeMap.of(at(-0.001), anchors)).isEmpty();
        assertThat(TimeMap.of(at(0), List.of())).isEmpty();
    }

    @Test
    void aClockThatWasPutForward() {
        var anchors = List.of(anchor(100, 0, 0, PROCESS), anchor(200, 3605, 5, PROCESS), anchor(300, 3610, 10, PROCESS));
        var map = TimeMap.of(at(1800), anchors).orElseThrow();
        assertThat(map.clockSet()).isTrue();
        assertThat(map.from().lsn()).isEqualTo(new Lsn(100));
        // No time in between is believed: the place is that of the next anchor.
        assertThat(map.isAfter(at(1900))).isFalse();
        assertThat(TimeMap.of(at(3606), anchors).orElseThrow().clockSet()).isFalse();
    }

    @Test
    void aClockThatWasPutBack() {
        var anchors = List.of(anchor(100, 3600, 0, PROCESS), anchor(200, 5, 5, PROCESS), anchor(300, 10, 10, PROCESS));
        assertThat(TimeMap.of(at(7), anchors).orElseThrow().from().lsn()).isEqualTo(new Lsn(200));
        // What was committed in the hour that came twice lies before the clock was put back, or behind it.
        assertThat(TimeMap.of(at(3), anchors).orElseThrow().from().lsn()).isEqualTo(new Lsn(100));
        assertThat(TimeMap.of(at(3), anchors).orElseThrow().clockSet()).isTrue();
        assertThat(TimeMap.of(at(-1), anchors)).isEmpty();
    }

    @Test
    void twoProcessesHaveOnlyTheUpstreamsClockInCommon() {
        var forth = List.of(anchor(100, 0, 1000, PROCESS), anchor(200, 60, 5, ANOTHER));
        assertThat(TimeMap.of(at(30), forth).orElseThrow().clockSet()).isFalse();
        var back = List.of(anchor(100, 60, 1000, PROCESS), anchor(200, 0, 5, ANOTHER));
        assertThat(TimeMap.of(at(30), back).orElseThrow().from().lsn()).isEqualTo(new Lsn(200));
    }
}
