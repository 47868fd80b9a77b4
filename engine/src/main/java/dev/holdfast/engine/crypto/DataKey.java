package dev.holdfast.engine.crypto;

import java.security.SecureRandom;
import javax.crypto.spec.SecretKeySpec;

/** The key that the files of a backup are encrypted with. Prints as nothing. */
public final class DataKey {
    public static final int SIZE = 32;

    private final byte[] bytes;

    private DataKey(byte[] bytes) {
        this.bytes = bytes;
    }

    public static DataKey of(byte[] bytes) {
        if (bytes.length != SIZE) {
            throw new IllegalArgumentException("a data key has " + SIZE + " bytes, not " + bytes.length);
        }
        return new DataKey(bytes.clone());
    }

    static DataKey random(SecureRandom random) {
        var bytes = new byte[SIZE];
        random.nextBytes(bytes);
        return new DataKey(bytes);
    }

    byte[] bytes() {
        return bytes.clone();
    }

    SecretKeySpec aes() {
        return new SecretKeySpec(bytes, "AES");
    }

    @Override
    public String toString() {
        return "data key";
    }
}
