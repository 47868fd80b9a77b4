package dev.holdfast.engine.crypto;

import java.util.Optional;

/**
 * How the backup that a job writes or reads is encrypted, as the job keeps it in its payload. The payload is sealed; still,
 * of a passphrase only the key that was derived from it is kept.
 *
 * @param info what the backup's ENCRYPTION-INFO says
 * @param derivedKey made from a passphrase
 */
public record Encryption(byte[] info, Optional<byte[]> derivedKey) {
    @Override
    public String toString() {
        return "encryption";
    }
}
