package dev.holdfast.engine.history.span;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import javax.crypto.CipherOutputStream;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A file for what does not fit into memory. It holds users' rows, so it is encrypted, with a key that only this object has:
 * what a crash leaves behind tells nobody anything.
 */
public final class SpillFile implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;

    private final Path file;
    private final byte[] key = new byte[16];
    private DataOutputStream out;

    public SpillFile(Path directory) throws IOException {
        Files.createDirectories(directory);
        new SecureRandom().nextBytes(key);
        file = Files.createTempFile(directory, "spill-", "");
        out = new DataOutputStream(new BufferedOutputStream(
                new CipherOutputStream(Files.newOutputStream(file, StandardOpenOption.TRUNCATE_EXISTING), cipher(Cipher.ENCRYPT_MODE)),
                BUFFER));
    }

    private Cipher cipher(int mode) {
        try {
            var cipher = Cipher.getInstance("AES/CTR/NoPadding");
            // The key is used for this one stream.
            cipher.init(mode, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public DataOutputStream out() {
        return out;
    }

    /** Ends the writing. */
    public DataInputStream read() throws IOException {
        out.close();
        return new DataInputStream(
                new BufferedInputStream(new CipherInputStream(Files.newInputStream(file), cipher(Cipher.DECRYPT_MODE)), BUFFER));
    }

    @Override
    public void close() throws IOException {
        out.close();
        Files.deleteIfExists(file);
    }
}
