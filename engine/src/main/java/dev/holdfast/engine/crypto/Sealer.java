package dev.holdfast.engine.crypto;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts what is durable and holds secrets (job payloads) with a key that stands in the store, not in the database:
 * whoever can read the database still learns no password from it. Nodes that share jobs share the key file.
 *
 * <p>Layout: 12 bytes nonce, then AES-256-GCM ciphertext and tag.
 */
public final class Sealer {
    private static final int NONCE = 12;

    private final SecretKeySpec key;
    private final String keyId;
    private final SecureRandom random;

    private Sealer(byte[] keyBytes, SecureRandom random) {
        this.key = new SecretKeySpec(keyBytes, "AES");
        this.random = random;
        try {
            this.keyId = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(keyBytes), 0, 8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Uses the key in the file; the first start makes one. */
    public static Sealer open(Path keyFile, SecureRandom random) throws IOException {
        if (!Files.exists(keyFile)) {
            var fresh = new byte[32];
            random.nextBytes(fresh);
            Directories.writeSecret(keyFile, HexFormat.of().formatHex(fresh) + "\n");
        }
        var bytes = HexFormat.of().parseHex(Files.readString(keyFile).strip());
        if (bytes.length != 32) {
            throw new IOException(keyFile + " does not hold a key of 32 bytes in hexadecimal");
        }
        return new Sealer(bytes, random);
    }

    /** Names the key without telling it: stands beside what was sealed. */
    public String keyId() {
        return keyId;
    }

    public byte[] seal(byte[] plain) {
        try {
            var nonce = new byte[NONCE];
            random.nextBytes(nonce);
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce));
            var sealed = Arrays.copyOf(nonce, NONCE + cipher.getOutputSize(plain.length));
            cipher.doFinal(plain, 0, plain.length, sealed, NONCE);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public byte[] open(byte[] sealed) {
        try {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, sealed, 0, NONCE));
            return cipher.doFinal(sealed, NONCE, sealed.length - NONCE);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw HoldfastException.of(SqlState.DATA_CORRUPTED, "a sealed value cannot be opened with the key of this store", e);
        }
    }
}
