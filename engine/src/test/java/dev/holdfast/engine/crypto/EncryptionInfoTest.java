package dev.holdfast.engine.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.error.HoldfastException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EncryptionInfoTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void theSaltOfAPassphrase() {
        var salt = HEX.parseHex("000102030405060708090a0b0c0d0e0f");
        var encoded = EncryptionInfo.ofSalt(salt).encode();
        assertThat(HEX.formatHex(encoded)).isEqualTo("1210000102030405060708090a0b0c0d0e0f");
        assertThat(EncryptionInfo.decode(encoded).salt()).hasValueSatisfying(s -> assertThat(s).isEqualTo(salt));
    }

    @Test
    void keysOfSeveralMasters() {
        var one = new EncryptionInfo.WrappedKey(new byte[] {(byte) 0xff, 1}, new byte[300]);
        var two = new EncryptionInfo.WrappedKey(new byte[] {(byte) 0xfe, 2}, new byte[] {7});
        var info = EncryptionInfo.decode(EncryptionInfo.of(List.of(one, two)).encode());
        assertThat(info.salt()).isEmpty();
        assertThat(info.encryptedBy(one.masterKey()).orElseThrow()).isEqualTo(new byte[300]);
        assertThat(info.encryptedBy(two.masterKey()).orElseThrow()).isEqualTo(new byte[] {7});
        assertThat(info.encryptedBy(new byte[] {3})).isEmpty();
    }

    @Test
    void garbageIsAnErrorOrNothing() {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            var bytes = new byte[random.nextInt(24)];
            random.nextBytes(bytes);
            try {
                EncryptionInfo.decode(bytes);
            } catch (HoldfastException e) {
                assertThat(e).hasMessageContaining("encryption");
            }
        }
        assertThatThrownBy(() -> EncryptionInfo.decode(HEX.parseHex("121000"))).hasMessageContaining("cut off");
        assertThatThrownBy(() -> EncryptionInfo.decode(HEX.parseHex("0801"))).hasMessage(
                "could not find or read encryption information: invalid encryption mode");
    }
}
