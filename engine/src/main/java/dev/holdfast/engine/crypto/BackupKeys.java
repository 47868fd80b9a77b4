package dev.holdfast.engine.crypto;

import dev.holdfast.engine.crypto.EncryptionInfo.WrappedKey;
import dev.holdfast.engine.crypto.kms.KeyServices;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From what a user gives, and what stands beside a backup, to the backup's data key. */
public final class BackupKeys {
    private static final Logger LOG = LoggerFactory.getLogger(BackupKeys.class);

    private final KeyServices services;
    private final SecureRandom random;

    public BackupKeys(KeyServices services, SecureRandom random) {
        this.services = services;
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
            case KeySource.FromKms from ->
                new Encryption(wrap(DataKey.random(random), from.uris(), "").encode(), Optional.empty(), from.uris());
        };
    }

    /** For a backup that exists; {@code infos} are its ENCRYPTION-INFO files, the newest first. */
    public Encryption find(KeySource source, List<byte[]> infos) throws IOException {
        if (infos.isEmpty()) {
            throw notFound("no ENCRYPTION-INFO files found");
        }
        var decoded = infos.stream().map(EncryptionInfo::decode).toList();
        return switch (source) {
            case KeySource.FromPassphrase from ->
                decoded.stream()
                        .filter(info -> info.salt().isPresent())
                        .findFirst()
                        .map(info -> derived(from.passphrase(), info))
                        .orElseThrow(() -> notFound("the backup is not encrypted with a passphrase"));
            case KeySource.FromKms from -> {
                for (var info : decoded) {
                    if (missing(info, from.uris()).isEmpty()) {
                        yield new Encryption(info.encode(), Optional.empty(), from.uris());
                    }
                }
                throw HoldfastException.of(
                        SqlState.UNCATEGORIZED,
                        "one of the provided URIs was not used when encrypting the base BACKUP: could not find an entry in the"
                                + " encryptedDataKeyMap for IDs " + String.join(", ", missing(decoded.getFirst(), from.uris())));
            }
        };
    }

    private List<String> missing(EncryptionInfo info, List<String> uris) throws IOException {
        var missing = new ArrayList<String>();
        for (var uri : uris) {
            var masterKey = services.masterKey(uri);
            if (info.encryptedBy(masterKey).isEmpty()) {
                missing.add(HexFormat.of().formatHex(masterKey));
            }
        }
        return missing;
    }

    private static Encryption derived(String passphrase, EncryptionInfo info) {
        var key = Passphrase.derive(passphrase, info.salt().orElseThrow());
        return new Encryption(info.encode(), Optional.of(key.bytes()), List.of());
    }

    private EncryptionInfo wrap(DataKey key, List<String> uris, String when) throws IOException {
        var wrapped = new ArrayList<WrappedKey>();
        for (var uri : uris) {
            var masterKey = services.masterKey(uri);
            try {
                wrapped.add(new WrappedKey(masterKey, services.encrypt(uri, key.bytes())));
            } catch (IOException e) {
                throw HoldfastException.of(SqlState.IO_ERROR, encrypting(uri, when) + e.getMessage(), e);
            } catch (HoldfastException e) {
                throw e.withPrefix(encrypting(uri, when));
            }
        }
        return EncryptionInfo.of(wrapped);
    }

    private static String encrypting(String uri, String when) {
        return when.isEmpty() ? "failed to encrypt data key for KMS scheme " + KeyServices.scheme(uri) + ": " : when;
    }

    /** The content of one more ENCRYPTION-INFO, by which further master keys open the backup. */
    public byte[] addKeys(List<byte[]> infos, List<String> oldUris, List<String> newUris) throws IOException {
        if (infos.isEmpty()) {
            throw notFound("no ENCRYPTION-INFO files found");
        }
        for (var info : infos.stream().map(EncryptionInfo::decode).toList()) {
            for (var uri : oldUris) {
                if (missing(info, List.of(uri)).isEmpty()) {
                    var key = open(new Encryption(info.encode(), Optional.empty(), List.of(uri)));
                    return wrap(key, newUris, "failed to encrypt data key when adding new KMS: ").encode();
                }
            }
        }
        throw HoldfastException.of(
                SqlState.UNCATEGORIZED, "no key in OLD_KMS matches a key that was previously used to encrypt the backup");
    }

    private static HoldfastException notFound(String why) {
        return HoldfastException.of(SqlState.UNCATEGORIZED, "could not find or read encryption information: " + why);
    }

    /** The key itself, which is nowhere but in memory. Of several master keys any one will do: a region may be down. */
    public DataKey open(Encryption encryption) throws IOException {
        if (encryption.derivedKey().isPresent()) {
            return DataKey.of(encryption.derivedKey().get());
        }
        var info = EncryptionInfo.decode(encryption.info());
        IOException passing = null;
        HoldfastException lasting = null;
        for (var uri : encryption.kmsUris()) {
            try {
                var encrypted = info.encryptedBy(services.masterKey(uri));
                if (encrypted.isPresent()) {
                    return unwrapped(services.decrypt(uri, encrypted.get()));
                }
            } catch (IOException e) {
                LOG.warn("a KMS ({}) cannot be reached: {}", KeyServices.scheme(uri), e.getMessage());
                passing = e;
            } catch (HoldfastException e) {
                LOG.warn("a KMS ({}) refuses: {}", KeyServices.scheme(uri), e.getMessage());
                lasting = e;
            }
        }
        if (passing != null) {
            throw new IOException("failed to decrypt data key: " + passing.getMessage(), passing);
        }
        throw lasting == null ? notFound("no master key for it was given") : lasting.withPrefix("failed to decrypt data key: ");
    }

    private static DataKey unwrapped(byte[] key) {
        if (key.length != DataKey.SIZE) {
            throw HoldfastException.of(SqlState.DATA_CORRUPTED, "the KMS gave a key of " + key.length + " bytes");
        }
        return DataKey.of(key);
    }
}
