package dev.holdfast.engine.crypto;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The form of an encrypted file, as CockroachDB's:
 *
 * <pre>
 *  0   7  "encrypt"
 *  7   1  version: 2, chunks; 1, all of the rest is one AES-GCM message under the IV (read, no longer written)
 *  8  12  IV, random
 * 20   n  chunks of 65536 bytes of plain text, each an AES-256-GCM message: ciphertext, 16 bytes tag
 * </pre>
 *
 * The nonce of chunk n is the IV whose last eight bytes, as a big-endian number, are raised by n. The last chunk is always
 * shorter than the others, and empty if need be: so a file that was cut off between two chunks is known to be.
 *
 * <p>Nothing here says which file it is: two files under one key can be swapped unnoticed. That they are not is what the
 * checksums in the manifest are for.
 */
public final class Container {
    /** The JDK's AES-GCM is fast for messages of up to 64 KiB, and many times slower for longer ones. */
    static final int CHUNK = 64 * 1024;

    static final int TAG = 16;
    static final int IV = 12;
    static final int HEADER = 20;
    static final int SEALED_CHUNK = CHUNK + TAG;

    static final byte WHOLE = 1;
    static final byte CHUNKED = 2;

    private static final byte[] MAGIC = "encrypt".getBytes(StandardCharsets.US_ASCII);

    private Container() {}

    /** Whether a file that begins like this is one. */
    public static boolean isEncrypted(byte[] start) {
        return start.length >= MAGIC.length && Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    static byte[] header(byte[] iv) {
        return ByteBuffer.allocate(HEADER).put(MAGIC).put(CHUNKED).put(iv).array();
    }

    static byte[] randomIv(SecureRandom random) {
        var iv = new byte[IV];
        random.nextBytes(iv);
        return iv;
    }

    static byte[] nonce(byte[] iv, long chunk) {
        var nonce = ByteBuffer.wrap(iv.clone());
        return nonce.putLong(4, nonce.getLong(4) + chunk).array();
    }

    /** How long the plain text of a stored file is, if it is whole. */
    public static long plainSize(long stored) {
        long chunks = stored - HEADER;
        return chunks - TAG * (chunks / SEALED_CHUNK + 1);
    }

    /** A small file at once. */
    public static byte[] seal(byte[] plain, DataKey key, SecureRandom random) {
        return seal(plain, key, randomIv(random));
    }

    static byte[] seal(byte[] plain, DataKey key, byte[] iv) {
        var stored = new ByteArrayOutputStream(plain.length + 2 * SEALED_CHUNK);
        try {
            var out = new EncryptingOutput(stored, key, iv);
            out.write(plain, 0, plain.length);
            out.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return stored.toByteArray();
    }

    /** Reads what {@link #seal} made. */
    public static byte[] open(byte[] stored, DataKey key, DecryptingInput.Failure failure) throws IOException {
        return DecryptingInput.open(new ByteArrayInputStream(stored), key, failure).readAllBytes();
    }
}
