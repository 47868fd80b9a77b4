package dev.holdfast.engine.crypto;

import java.util.List;
import java.util.Optional;

/**
 * How the backup that a job writes or reads is encrypted, as the job keeps it in its payload. The payload is sealed; still,
 * of a passphrase only the key that was derived from it is kept, and the data key of a KMS is asked for by every attempt.
 *
 * @param info what the backup's ENCRYPTION-INFO says
 * @param derivedKey made from a passphrase
 * @param kmsUris of master keys that can decrypt the data key in {@code info}; empty with a passphrase
 */
public record Encryption(byte[] info, Optional<byte[]> derivedKey, List<String> kmsUris) {
    @Override
    public String toString() {
        return "encryption";
    }
}
