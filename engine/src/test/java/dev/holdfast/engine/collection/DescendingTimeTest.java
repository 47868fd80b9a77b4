package dev.holdfast.engine.collection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class DescendingTimeTest {
    @Test
    void theDocumentedVector() {
        assertThat(DescendingTime.encode(Instant.parse("2022-02-09T15:53:40.131234567Z")))
                .isEqualTo("13cdcfcdcdd2cfcdd2cfc6dfcecac5caccc5cbcfd1cecccecdcccbcac9c8dfd4cfcfcfcfdfaaabbcfffe");
    }

    @Test
    void newerSortsFirst() {
        var times = List.of(
                "2022-02-09T15:53:40Z", "2022-02-09T15:53:40.1Z", "2022-02-09T15:53:40.12Z", "2022-02-09T15:53:41Z", "2023-01-01T00:00:00Z");
        var encoded = times.reversed().stream().map(Instant::parse).map(DescendingTime::encode).toList();
        assertThat(encoded).isSorted();
    }

    @Test
    void pathsCutTheFractionOff() {
        assertThat(BackupPath.of(Instant.parse("2023-07-14T21:14:06.039943Z")).value()).isEqualTo("/2023/07/14-211406.03");
        assertThat(BackupPath.typed("2023/07/14-211406.03/")).isEqualTo(BackupPath.typed("/2023/07/14-211406.03"));
    }
}
