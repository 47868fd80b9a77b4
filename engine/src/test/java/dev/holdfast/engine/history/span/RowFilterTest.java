package dev.holdfast.engine.history.span;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class RowFilterTest {
    @TempDir
    private Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aRowIsSkippedAsOftenAsItIsToBe() throws Exception {
        try (var bag = new LineBag(directory)) {
            bag.add(2, bytes("a"));
            bag.add(1, bytes("b"));
            var filter = new RowFilter(bag);
            assertThat(filter.parts()).isEqualTo(1);
            filter.expect(1);
            filter.enter(0);
            var passed = new ArrayList<String>();
            for (var row : List.of("a", "c", "a", "a", "")) {
                if (filter.passes(bytes(row), 0)) {
                    passed.add(row);
                }
            }
            filter.leave();
            assertThat(passed).containsExactly("c", "a", "");
            assertThat(filter.missing()).isEqualTo(1);
        }
    }

    /** Too many to be known at once: each pass gives its part, and waits for the one before. */
    @Test
    @Timeout(60)
    void inSeveralPassesByTwoConnections() throws Exception {
        var padding = "x".repeat(1000);
        int rows = 30_000;
        try (var bag = new LineBag(directory);
                var executor = Executors.newFixedThreadPool(2)) {
            for (int i = 0; i < rows; i += 2) {
                bag.add(1, bytes(i + padding));
            }
            var filter = new RowFilter(bag);
            assertThat(filter.parts()).isEqualTo(2);
            filter.expect(2);
            var work = new ArrayList<Callable<Integer>>();
            for (int part = 0; part < 2; part++) {
                for (int half = 0; half < 2; half++) {
                    int pass = part;
                    int from = half * rows / 2;
                    work.add(() -> {
                        int passed = 0;
                        filter.enter(pass);
                        for (int i = from; i < from + rows / 2; i++) {
                            if (filter.passes(bytes(i + padding), pass)) {
                                assertThat(i % 2).isEqualTo(1);
                                passed++;
                            }
                        }
                        filter.leave();
                        return passed;
                    });
                }
            }
            int passed = 0;
            for (var result : executor.invokeAll(work)) {
                passed += result.get();
            }
            assertThat(passed).isEqualTo(rows / 2);
            assertThat(filter.missing()).isZero();
        }
    }
}
