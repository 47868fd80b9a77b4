package dev.holdfast.engine.crypto;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.security.GeneralSecurityException;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** From a passphrase to a key: PBKDF2 with HMAC-SHA-256 over its UTF-8 bytes. */
final class Passphrase {
    static final int SALT = 16;
    private static final int ITERATIONS = 64_000;

    private Passphrase() {}

    static DataKey derive(String passphrase, byte[] salt) {
        if (passphrase.isEmpty()) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "an encryption passphrase must not be empty");
        }
        var spec = new PBEKeySpec(passphrase.toCharArray(), salt, ITERATIONS, DataKey.SIZE * 8);
        try {
            return DataKey.of(SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } finally {
            spec.clearPassword();
        }
    }
}
