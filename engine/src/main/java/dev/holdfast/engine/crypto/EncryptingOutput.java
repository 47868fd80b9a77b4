package dev.holdfast.engine.crypto;

import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Writes a {@link Container}. Whoever writes calls {@link #finish} at the end; the target stays open. */
public final class EncryptingOutput extends OutputStream {
    private final OutputStream target;
    private final SecretKeySpec key;
    private final byte[] iv;
    private final Cipher cipher;
    private final byte[] plain = new byte[Container.CHUNK];
    private final byte[] sealed = new byte[Container.SEALED_CHUNK];
    private int filled;
    private long chunk;

    public EncryptingOutput(OutputStream target, DataKey key, SecureRandom random) throws IOException {
        this(target, key, Container.randomIv(random));
    }

    EncryptingOutput(OutputStream target, DataKey key, byte[] iv) throws IOException {
        this.target = target;
        this.key = key.aes();
        this.iv = iv;
        this.cipher = DecryptingInput.cipher();
        target.write(Container.header(iv));
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int end = offset + length;
        while (from < end) {
            int count = Math.min(end - from, Container.CHUNK - filled);
            System.arraycopy(bytes, from, plain, filled, count);
            filled += count;
            from += count;
            if (filled == Container.CHUNK) {
                writeChunk();
            }
        }
    }

    /** The last chunk is the short one. */
    public void finish() throws IOException {
        writeChunk();
    }

    private void writeChunk() throws IOException {
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(Container.TAG * 8, Container.nonce(iv, chunk)));
            int length = cipher.doFinal(plain, 0, filled, sealed, 0);
            target.write(sealed, 0, length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        chunk++;
        filled = 0;
    }
}
