package dev.holdfast.engine.history;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SnapshotTest {
    @Test
    void whatHasEndedIsSeen() {
        var snapshot = Snapshot.parse("100:110:100,103");
        assertThat(snapshot.sees(99)).isTrue();
        assertThat(snapshot.sees(100)).isFalse();
        assertThat(snapshot.sees(101)).isTrue();
        assertThat(snapshot.sees(103)).isFalse();
        assertThat(snapshot.sees(109)).isTrue();
        assertThat(snapshot.sees(110)).isFalse();
        assertThat(snapshot.sees(111)).isFalse();
        assertThat(Snapshot.parse("5:5:").sees(4)).isTrue();
        assertThat(Snapshot.parse("5:5:").sees(5)).isFalse();
    }

    @Test
    void idsOfTheStreamHaveOnlyTheirLowerHalf() {
        long epoch = 3L << 32;
        var justBegun = Snapshot.parse((epoch + 10) + ":" + (epoch + 20) + ":" + (epoch + 12));
        assertThat(justBegun.sees(11)).isTrue();
        assertThat(justBegun.sees(12)).isFalse();
        assertThat(justBegun.sees(25)).isFalse();
        // Of the epoch before.
        assertThat(justBegun.sees(0xfffffff0L)).isTrue();
        var soonOver = Snapshot.parse((epoch - 20) + ":" + (epoch - 10) + ":");
        assertThat(soonOver.sees(0xffffffffL - 30)).isTrue();
        // Of the next one.
        assertThat(soonOver.sees(5)).isFalse();
    }
}
