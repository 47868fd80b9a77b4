package dev.holdfast.engine.collection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ChecksummedInputTest {
    private final byte[] bytes = "some bytes that matter".getBytes(StandardCharsets.UTF_8);

    private String hash() throws IOException {
        var out = new ChecksummedOutput(OutputStream.nullOutputStream());
        out.write(bytes);
        assertThat(out.size()).isEqualTo(bytes.length);
        return out.sha256Hex();
    }

    private ChecksummedInput input(byte[] content) throws IOException {
        return new ChecksummedInput(new ByteArrayInputStream(content), "file", bytes.length, hash());
    }

    @Test
    void givesWhatIsRight() throws IOException {
        assertThat(input(bytes).readAllBytes()).isEqualTo(bytes);
    }

    @Test
    void readsNoFurtherThanItsPart() throws IOException {
        var longer = Arrays.copyOf(bytes, bytes.length + 100);
        assertThat(input(longer).readAllBytes()).isEqualTo(bytes);
    }

    @Test
    void findsEveryFlippedBit() throws IOException {
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            var damaged = bytes.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            var input = input(damaged);
            assertThatThrownBy(input::readAllBytes).hasMessageContaining("file is damaged: checksum mismatch");
        }
    }

    @Test
    void findsAnEarlyEnd() throws IOException {
        for (int length = 0; length < bytes.length; length++) {
            var input = input(Arrays.copyOf(bytes, length));
            assertThatThrownBy(input::readAllBytes).hasMessageContaining("it ends " + (bytes.length - length) + " bytes early");
        }
    }

    @Test
    void checksWhenAskedToThoughTheReaderStoppedEarlier() throws IOException {
        var damaged = bytes.clone();
        damaged[bytes.length - 1] ^= 1;
        var input = input(damaged);
        input.readNBytes(3);
        assertThatThrownBy(input::finish).hasMessageContaining("checksum mismatch");
    }
}
