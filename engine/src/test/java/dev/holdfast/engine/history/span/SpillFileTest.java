package dev.holdfast.engine.history.span;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpillFileTest {
    @TempDir
    private Path directory;

    private List<Path> files() throws Exception {
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Test
    void itIsReadAsItWasWrittenAndIsNobodyElsesToRead() throws Exception {
        var secret = "somebody's row ".repeat(10_000);
        try (var file = new SpillFile(directory.resolve("made"))) {
            file.out().writeInt(42);
            file.out().write(secret.getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 2; i++) {
                try (var in = file.read()) {
                    assertThat(in.readInt()).isEqualTo(42);
                    assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(secret);
                }
            }
            try (var stored = Files.list(directory.resolve("made"))) {
                var bytes = Files.readAllBytes(stored.findFirst().orElseThrow());
                assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).doesNotContain("row");
            }
        }
        try (var left = Files.list(directory.resolve("made"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void equalContentsAreNotStoredEqually() throws Exception {
        try (var one = new SpillFile(directory);
                var other = new SpillFile(directory)) {
            one.out().writeUTF("same");
            other.out().writeUTF("same");
            one.read().close();
            other.read().close();
            assertThat(Files.readAllBytes(files().getFirst())).isNotEqualTo(Files.readAllBytes(files().getLast()));
        }
        assertThat(files()).isEmpty();
    }
}
