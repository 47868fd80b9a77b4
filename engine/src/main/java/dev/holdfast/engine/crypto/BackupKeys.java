package dev.holdfast.engine.crypto;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/** From what a user gives, and what stands beside a backup, to the backup's data key. */
public final class BackupKeys {
    private final SecureRandom random;

    public BackupKeys(SecureRandom random) {
        this.random = random;
    }

    /** For a new full backup. */
    public Encryption create(KeySource source) throws IOException {
        return switch (source) {
            case KeySource.FromPassphrase from -> {
                var salt = new byte[Passphrase.SALT];
                random.nextBytes(salt);
                yield derived(from.passphrase(), EncryptionInfo.ofSalt(salt));
            }
        };
    }

    /** For a backup that exists; {@code infos} are its ENCRYPTION-INFO files, the newest first. */
    public Encryption find(KeySource source, List<byte[]> infos) throws IOException {
        if (infos.isEmpty()) {
            throw notFound("no ENCRYPTION-INFO files found");
        }
        return switch (source) {
            case KeySource.FromPassphrase from ->
                infos.stream()
                        .map(EncryptionInfo::decode)
                        .filter(info -> info.salt().isPresent())
                        .findFirst()
                        .map(info -> derived(from.passphrase(), info))
                        .orElseThrow(() -> notFound("the backup is not encrypted with a passphrase"));
        };
    }

    private static Encryption derived(String passphrase, EncryptionInfo info) {
        var key = Passphrase.derive(passphrase, info.salt().orElseThrow());
        return new Encryption(info.encode(), Optional.of(key.bytes()));
    }

    private static HoldfastException notFound(String why) {
        return HoldfastException.of(SqlState.UNCATEGORIZED, "could not find or read encryption information: " + why);
    }

    /** The key itself, which is nowhere but in memory. */
    public DataKey open(Encryption encryption) throws IOException {
        return DataKey.of(encryption.derivedKey().orElseThrow());
    }
}
