package dev.holdfast.engine.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.backup.CutBound.Side;
import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.history.Anchor;
import dev.holdfast.engine.history.TimeMap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class CutBoundTest {
    private static final UUID PROCESS = UUID.randomUUID();
    private static final Lsn BARRIER = new Lsn(100_000);

    private record Commit(Lsn lsn, Instant at) {}

    private static Instant second(double seconds) {
        return Instant.EPOCH.plusMillis((long) (seconds * 1000));
    }

    private static Anchor anchor(long lsn, double seconds) {
        return new Anchor(new Lsn(lsn), second(seconds), (long) (seconds * 1e9), PROCESS);
    }

    @Test
    void theCutOfNowIsTheFirstCommitBehindTheMoment() {
        var bound = CutBound.now(second(10), new Lsn(500), BARRIER);
        assertThat(bound.side(new Lsn(400), second(11))).as("committed before, whatever its clock says").isEqualTo(Side.BEFORE);
        assertThat(bound.side(new Lsn(600), second(9))).isEqualTo(Side.OPEN);
        assertThat(bound.side(new Lsn(700), second(11))).isEqualTo(Side.BEHIND);
        assertThat(bound.side(new Lsn(800), second(9))).isEqualTo(Side.BEHIND);
        assertThat(bound.found()).isEqualTo(new Lsn(700));
    }

    @Test
    void anInstantIsNotLookedForBehindTheNextAnchor() {
        var map = TimeMap.of(second(3), List.of(anchor(100, 0), anchor(500, 5))).orElseThrow();
        var bound = CutBound.past(map, BARRIER, Lsn.MAX, Lsn.MAX);
        assertThat(bound.side(new Lsn(200), second(1))).isEqualTo(Side.BEFORE);
        assertThat(bound.side(new Lsn(510), second(5))).isEqualTo(Side.BEHIND);
        assertThat(bound.side(new Lsn(520), second(5.1))).isEqualTo(Side.BEHIND);
        assertThat(bound.found()).isEqualTo(new Lsn(500));
    }

    @Test
    void whatOthersHaveToSayLeavesTransactionsOpen() {
        var map = TimeMap.of(second(3), List.of(anchor(100, 0), anchor(900, 9))).orElseThrow();
        var bound = CutBound.past(map, BARRIER, new Lsn(600), new Lsn(300));
        assertThat(bound.side(new Lsn(200), second(1))).isEqualTo(Side.BEFORE);
        assertThat(bound.side(new Lsn(400), second(2))).isEqualTo(Side.OPEN);
        assertThat(bound.side(new Lsn(600), second(2))).isEqualTo(Side.BEHIND);
    }

    /** Several databases of one server, busy and idle ones, read as {@link CutSearch#at} reads them. */
    @RepeatedTest(300)
    void noSideIsTakenBack(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        int databases = 1 + random.nextInt(4);
        var anchors = new HashMap<Integer, List<Anchor>>();
        var commits = new HashMap<Integer, List<Commit>>();
        for (int d = 0; d < databases; d++) {
            anchors.put(d, new ArrayList<>(List.of(anchor(1, 0))));
            commits.put(d, new ArrayList<>());
        }
        long lsn = 10;
        for (double now = 1; now < 60; now += random.nextDouble()) {
            int database = random.nextInt(databases);
            lsn += 1 + random.nextInt(20);
            if (random.nextInt(10) == 0) {
                anchors.get(database).add(anchor(lsn, now));
            } else if (database > 0 || databases == 1 || random.nextInt(20) == 0) {
                // The time is taken a little before the place in the log is.
                commits.get(database).add(new Commit(new Lsn(lsn), second(now - random.nextDouble() / 50)));
            }
        }
        var instant = second(random.nextDouble() * 61);

        Map<Integer, TimeMap> maps = new HashMap<>();
        anchors.forEach((d, list) -> maps.put(d, TimeMap.of(instant, list).orElseThrow()));
        var order = maps.keySet().stream().sorted(Comparator.comparing(d -> maps.get(d).from().lsn())).toList();
        var sides = new HashMap<Lsn, Side>();
        var cut = Lsn.MAX;
        for (int i = 0; i < databases; i++) {
            int database = order.get(i);
            boolean last = i + 1 == databases;
            var bound = CutBound.past(
                    maps.get(database), BARRIER, cut, last ? Lsn.MAX : maps.get(order.get(i + 1)).from().lsn());
            commits.get(database).forEach(commit -> sides.put(commit.lsn(), bound.side(commit.lsn(), commit.at())));
            if (last) {
                assertThat(commits.get(database)).noneMatch(commit -> sides.get(commit.lsn()) == Side.OPEN);
            }
            cut = Lsn.min(cut, bound.found());
            assertThat(cut.isBefore(bound.least())).isFalse();
        }

        var expected = BARRIER;
        for (int database = 0; database < databases; database++) {
            var map = maps.get(database);
            var limit = map.to().map(Anchor::lsn).orElse(BARRIER);
            expected = Lsn.min(expected, commits.get(database).stream()
                    .filter(commit -> map.from().lsn().isBefore(commit.lsn()) && commit.lsn().isBefore(limit) && map.isAfter(commit.at()))
                    .map(Commit::lsn)
                    .findFirst()
                    .orElse(limit));
        }
        assertThat(cut).isEqualTo(expected);
        for (var entry : sides.entrySet()) {
            switch (entry.getValue()) {
                case BEFORE -> assertThat(entry.getKey().isBefore(expected)).isTrue();
                case BEHIND -> assertThat(entry.getKey().isBefore(expected)).isFalse();
                case OPEN -> {}
            }
        }
    }
}
