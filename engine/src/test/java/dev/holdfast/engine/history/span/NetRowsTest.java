package dev.holdfast.engine.history.span;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetRowsTest {
    @TempDir
    private Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, Integer> sums(NetRows net) throws IOException {
        var sums = new TreeMap<String, Integer>();
        net.forEach((table, count, line) -> assertThat(sums.put(table + " " + new String(line, StandardCharsets.UTF_8), count)).isNull());
        return sums;
    }

    @Test
    void whatComesAndGoesIsNothing() throws IOException {
        try (var net = new NetRows(directory, 1 << 20)) {
            net.add(1, 1, bytes("a"));
            net.add(1, -1, bytes("a"));
            assertThat(net.isEmpty()).isTrue();
            net.add(1, -1, bytes("b"));
            net.add(1, -1, bytes("b"));
            net.add(2, 1, bytes("b"));
            net.add(1, 1, bytes(""));
            assertThat(sums(net)).isEqualTo(Map.of("1 b", -2, "2 b", 1, "1 ", 1));
        }
    }

    @Test
    void theSameWhenItDoesNotFitIntoMemory() throws IOException {
        var random = new Random(7);
        var expected = new TreeMap<String, Integer>();
        try (var net = new NetRows(directory, 10_000)) {
            for (int i = 0; i < 20_000; i++) {
                long table = random.nextInt(3);
                int count = random.nextBoolean() ? 1 : -1;
                var line = "row " + random.nextInt(2000);
                net.add(table, count, bytes(line));
                expected.merge(table + " " + line, count, Integer::sum);
            }
            expected.values().removeIf(count -> count == 0);
            try (var files = Files.list(directory)) {
                assertThat(files).isNotEmpty();
            }
            assertThat(net.isEmpty()).isFalse();
            assertThat(sums(net)).isEqualTo(expected);
        }
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }
}
