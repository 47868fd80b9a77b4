package dev.holdfast.engine.collection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.crypto.DataKey;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.MemoryStorage;
import dev.holdfast.engine.storage.StorageContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Encrypted, a place is still a place. */
class EncryptedStorageTest extends StorageContract {
    private final MemoryStorage stored = new MemoryStorage();
    private final EncryptedStorage encrypted = new EncryptedStorage(stored, DataKey.of(new byte[32]));

    @Override
    protected ExternalStorage open() {
        return encrypted;
    }

    private void put(String name, String text) throws IOException {
        try (var writer = encrypted.write(name)) {
            writer.write(text.getBytes(StandardCharsets.UTF_8));
            writer.commit();
        }
    }

    @Test
    void nothingOfItIsInTheClear() throws IOException {
        put("x", "something to hide, and again: something to hide");
        encrypted.putIfAbsent("y", "something to hide".getBytes(StandardCharsets.UTF_8));
        assertThat(stored.objects().values()).hasSize(2).allSatisfy(bytes -> assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
                .startsWith("encrypt\u0002")
                .doesNotContain("hide"));
    }

    @Test
    void theSameContentIsNeverTheSameBytes() throws IOException {
        put("x", "same");
        put("y", "same");
        assertThat(stored.objects().get("x")).isNotEqualTo(stored.objects().get("y"));
    }

    @Test
    void damageIsNamed() throws IOException {
        put("data/1.sst", "rows");
        stored.objects().get("data/1.sst")[21] ^= 1;
        assertThatThrownBy(() -> encrypted.read("data/1.sst").readAllBytes())
                .isInstanceOf(HoldfastException.class)
                .hasMessage("backup file memory://test/data/1.sst is damaged: cipher: message authentication failed");
    }
}
