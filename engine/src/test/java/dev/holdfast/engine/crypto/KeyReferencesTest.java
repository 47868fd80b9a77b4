package dev.holdfast.engine.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyReferencesTest {
    @TempDir
    private Path directory;

    private Path allowed;
    private KeyReferences references;

    @BeforeEach
    void make() throws IOException {
        allowed = Files.createDirectory(directory.resolve("allowed"));
        references = new KeyReferences(
                List.of(allowed), Set.of("BACKUP_KEY", "UNSET"), Map.of("BACKUP_KEY", "from the environment", "HOME", "/home"));
    }

    private String file(Path path) throws IOException {
        return references.resolve("file://" + path);
    }

    @Test
    void whatIsNoReferenceIsThePassphrase() throws IOException {
        assertThat(references.resolve("correct horse")).isEqualTo("correct horse");
        assertThat(KeyReferences.describe("correct horse")).isEqualTo("*****");
        assertThat(KeyReferences.describe("env://BACKUP_KEY")).isEqualTo("env://BACKUP_KEY");
    }

    @Test
    void takesFilesAndVariablesThatAreAllowed() throws IOException {
        Files.writeString(allowed.resolve("key"), "first line\nsecond\n");
        assertThat(file(allowed.resolve("key"))).isEqualTo("first line");
        assertThat(references.resolve("env://BACKUP_KEY")).isEqualTo("from the environment");
    }

    @Test
    void refusesAllOthersInTheSameWords() throws IOException {
        var outside = Files.writeString(directory.resolve("outside"), "CANARY");
        Files.createSymbolicLink(allowed.resolve("link"), outside);
        for (var path : new Path[] {outside, allowed.resolve("link"), allowed.resolve("../outside"), allowed.resolve("missing"), allowed}) {
            assertThatThrownBy(() -> file(path)).as("%s", path).hasMessageStartingWith("a passphrase cannot be taken from /");
        }
        for (var name : new String[] {"HOME", "UNSET", "NO_SUCH"}) {
            assertThatThrownBy(() -> references.resolve("env://" + name)).hasMessage("a passphrase cannot be taken from " + name);
        }
    }
}
