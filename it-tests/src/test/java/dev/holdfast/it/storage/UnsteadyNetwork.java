package dev.holdfast.it.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.storage.ExternalStorage;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;

/** What a storage has to do whatever becomes of its connections. */
final class UnsteadyNetwork {
    private UnsteadyNetwork() {}

    /** Of a small object, and of one that is sent in parts. */
    static void writeAndRead(ExternalStorage storage) throws IOException {
        var bytes = new byte[9 << 20];
        new Random(2).nextBytes(bytes);
        assertThat(storage.putIfAbsent("small", new byte[] {1, 2, 3})).isTrue();
        try (var writer = storage.write("large")) {
            writer.write(bytes, 0, bytes.length);
            writer.commit();
        }
        for (int i = 0; i < 2; i++) {
            try (var in = storage.read("large", 1000)) {
                assertThat(Arrays.equals(in.readAllBytes(), Arrays.copyOfRange(bytes, 1000, bytes.length))).isTrue();
            }
        }
        assertThat(storage.list("")).containsExactly("large", "small");
    }
}
