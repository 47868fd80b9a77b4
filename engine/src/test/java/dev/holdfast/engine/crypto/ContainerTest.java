package dev.holdfast.engine.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Byte for byte what others write and read. */
class ContainerTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] IV = HEX.parseHex("a0a1a2a3a4a5a6a7a8a9aaab");
    private static final DataKey KEY = Passphrase.derive("password123", HEX.parseHex("000102030405060708090a0b0c0d0e0f"));

    private static HoldfastException failure(String why) {
        return HoldfastException.of(SqlState.DATA_CORRUPTED, why);
    }

    private static byte[] open(byte[] stored) throws Exception {
        return Container.open(stored, KEY, ContainerTest::failure);
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static byte[] random(int length) {
        var bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void theKeyOfAPassphrase() {
        assertThat(HEX.formatHex(KEY.bytes())).isEqualTo("aaf462a07847a81025f582ae72e22c34bfeb17745e49d21bb03ef5db7ea0eb19");
    }

    @ParameterizedTest
    @CsvSource({
        "'', 656e637279707402a0a1a2a3a4a5a6a7a8a9aaab08633b8012d7a78ead9effb6e38be0e1",
        "hello, 656e637279707402a0a1a2a3a4a5a6a7a8a9aaabc2e5b9a2e143ea1a644c16b64a4a6c21e6155f8188"
    })
    void shortFiles(String plain, String stored) throws Exception {
        assertThat(HEX.formatHex(Container.seal(plain.getBytes(StandardCharsets.UTF_8), KEY, IV))).isEqualTo(stored);
        assertThat(open(HEX.parseHex(stored))).asString(StandardCharsets.UTF_8).isEqualTo(plain);
    }

    @ParameterizedTest
    @CsvSource({
        "65535, 65571, 94a195bd5c9bd1938ea9a30f97e04412ab63ad2521d17412e283ba3ad24340d8",
        "65536, 65588, 28c480b402388df210ad03d3901cc2b483163471d5862ee97cc805121d2b3a91",
        "65537, 65589, d0fe095f94f4e03dc3ca833f9579bb1f0f3b1f4eae6a5038888d3e2ea9a8393b",
        "1000000, 1000276, b7e288fca9267b2490995f12c3d6fd293a1129ab9f127abac20d43dcf398fb1e"
    })
    void filesOfZeros(int length, int storedLength, String hash) throws Exception {
        var stored = Container.seal(new byte[length], KEY, IV);
        assertThat(stored).hasSize(storedLength);
        assertThat(sha256(stored)).isEqualTo(hash);
        assertThat(Container.plainSize(storedLength)).isEqualTo(length);
        assertThat(open(stored)).isEqualTo(new byte[length]);
    }

    @Test
    void theNonceWrapsAround() throws Exception {
        var iv = HEX.parseHex("00010203ffffffffffffffff");
        var stored = Container.seal(new byte[65536], KEY, iv);
        assertThat(sha256(stored)).isEqualTo("83ebb54d86ec08f3faee9161415fc6de9da5ff3b11d4ff553765faa08b31baab");
        assertThat(open(stored)).isEqualTo(new byte[65536]);
    }

    @Test
    void theFirstVersionIsStillRead() throws Exception {
        var plain = random(200_000);
        var cipher = DecryptingInput.cipher();
        cipher.init(javax.crypto.Cipher.ENCRYPT_MODE, KEY.aes(), new javax.crypto.spec.GCMParameterSpec(128, IV));
        var message = cipher.doFinal(plain);
        var stored = Container.header(IV);
        stored[7] = Container.WHOLE;
        stored = Arrays.copyOf(stored, Container.HEADER + message.length);
        System.arraycopy(message, 0, stored, Container.HEADER, message.length);
        assertThat(open(stored)).isEqualTo(plain);
        stored[5000] ^= 1;
        var damaged = stored;
        assertThatThrownBy(() -> open(damaged)).hasMessage(DecryptingInput.NOT_AUTHENTIC);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65535, 65536, 65537, 131072, 150000})
    void readsFromAnywhere(int length) throws Exception {
        var plain = random(length);
        var stored = Container.seal(plain, KEY, IV);
        var header = DecryptingInput.Header.read(new ByteArrayInputStream(stored), ContainerTest::failure);
        for (int offset : new int[] {0, 1, 65535, 65536, 65537, 131072, length}) {
            if (offset <= length) {
                int from = (int) DecryptingInput.chunkStart(offset);
                var source = new ByteArrayInputStream(stored, from, stored.length - from);
                try (var in = DecryptingInput.openAt(source, offset, KEY, header, ContainerTest::failure)) {
                    assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(plain, offset, length));
                }
            }
        }
    }

    @Test
    void everyCutIsSeen() {
        var stored = Container.seal(random(131072), KEY, IV);
        // Between two chunks, inside of one, inside of the header, and the empty chunk at the end.
        for (int length : new int[] {0, 5, 7, 19, 20, 25, 36, 65000, 65572, 65573, 131124, 131125, stored.length - 1}) {
            assertThatThrownBy(() -> open(Arrays.copyOf(stored, length))).isInstanceOf(HoldfastException.class);
        }
    }

    @Test
    void everyOtherDamageIsSeen() {
        var stored = Container.seal(random(70_000), KEY, IV);
        for (int at = 0; at < stored.length; at += 611) {
            var damaged = stored.clone();
            damaged[at] ^= 0x10;
            assertThatThrownBy(() -> open(damaged)).as("byte %s", at).isInstanceOf(HoldfastException.class);
        }
        assertThatThrownBy(() -> open(Arrays.copyOf(stored, stored.length + 1))).isInstanceOf(HoldfastException.class);
    }

    @Test
    void saysWhatItIsNot() {
        assertThatThrownBy(() -> open("some other file that is long".getBytes(StandardCharsets.US_ASCII)))
                .hasMessage("file does not appear to be encrypted");
        assertThatThrownBy(() -> open("encrypt".getBytes(StandardCharsets.US_ASCII))).hasMessage("invalid encryption header");
        var future = Container.seal(new byte[10], KEY, IV);
        future[7] = 9;
        assertThatThrownBy(() -> open(future)).hasMessage("unexpected encryption scheme/config version 9");
        var other = Passphrase.derive("password124", new byte[16]);
        assertThatThrownBy(() -> Container.open(Container.seal(new byte[10], KEY, IV), other, ContainerTest::failure))
                .hasMessage("cipher: message authentication failed");
    }
}
