package dev.holdfast.engine.history.span;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineBagTest {
    @TempDir
    private Path directory;

    private static List<String> lines(LineBag bag) throws IOException {
        var lines = new ArrayList<String>();
        bag.forEach((count, line) -> lines.add(count + " " + new String(line, StandardCharsets.UTF_8)));
        return lines;
    }

    @Test
    void holdsFewAndManyAndIsReadAgain() throws IOException {
        for (int size : new int[] {0, 1, 3, 20_000}) {
            var expected = new ArrayList<String>();
            long rows = 0;
            try (var bag = new LineBag(directory)) {
                for (int i = 0; i < size; i++) {
                    bag.add(i % 3 + 1, ("line " + i).getBytes(StandardCharsets.UTF_8));
                    expected.add(i % 3 + 1 + " line " + i);
                    rows += i % 3 + 1;
                }
                assertThat(bag.rows()).isEqualTo(rows);
                assertThat(bag.bytes()).isGreaterThanOrEqualTo(size * 5L);
                assertThat(lines(bag)).isEqualTo(expected);
                assertThat(lines(bag)).isEqualTo(expected);
            }
            try (var files = Files.list(directory)) {
                assertThat(files).isEmpty();
            }
        }
    }
}
