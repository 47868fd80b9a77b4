package dev.holdfast.engine.crypto;

import dev.holdfast.engine.error.HoldfastException;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Reads a {@link Container}. What it gives out is authentic: a chunk is checked before the first byte of it is returned. */
public final class DecryptingInput extends InputStream {
    /** What the tag of a message says when key or message are wrong. */
    public static final String NOT_AUTHENTIC = "cipher: message authentication failed";

    private final InputStream source;
    private final SecretKeySpec key;
    private final Header header;
    private final Failure failure;
    private final Cipher cipher = cipher();
    private final byte[] sealed = new byte[Container.SEALED_CHUNK];
    private byte[] plain = new byte[Container.CHUNK];
    private int position;
    private int limit;
    private long chunk;
    private boolean ended;

    /** Makes the error of a file that is no good, from a text that says why. */
    @FunctionalInterface
    public interface Failure {
        HoldfastException of(String why);
    }

    /** What a file begins with. */
    public record Header(byte version, byte[] iv) {
        public static Header read(InputStream source, Failure failure) throws IOException {
            var bytes = source.readNBytes(Container.HEADER);
            if (!Container.isEncrypted(bytes)) {
                throw failure.of("file does not appear to be encrypted");
            }
            if (bytes.length < Container.HEADER) {
                throw failure.of("invalid encryption header");
            }
            byte version = bytes[7];
            if (version != Container.WHOLE && version != Container.CHUNKED) {
                throw failure.of("unexpected encryption scheme/config version " + (version & 0xff));
            }
            return new Header(version, Arrays.copyOfRange(bytes, 8, Container.HEADER));
        }

        /** Whether reading can begin at any chunk. */
        public boolean isChunked() {
            return version == Container.CHUNKED;
        }
    }

    private DecryptingInput(InputStream source, DataKey key, Header header, long chunk, Failure failure) {
        this.source = source;
        this.key = key.aes();
        this.header = header;
        this.chunk = chunk;
        this.failure = failure;
    }

    /** From the beginning. */
    public static DecryptingInput open(InputStream source, DataKey key, Failure failure) throws IOException {
        return new DecryptingInput(source, key, Header.read(source, failure), 0, failure);
    }

    /** Where in a chunked file the chunk stands that holds byte {@code offset} of the plain text. */
    public static long chunkStart(long offset) {
        return Container.HEADER + offset / Container.CHUNK * Container.SEALED_CHUNK;
    }

    /** From byte {@code offset} of the plain text on; {@code source} begins at {@link #chunkStart}. */
    public static DecryptingInput openAt(InputStream source, long offset, DataKey key, Header header, Failure failure)
            throws IOException {
        var in = new DecryptingInput(source, key, header, offset / Container.CHUNK, failure);
        in.skipNBytes(offset % Container.CHUNK);
        return in;
    }

    static Cipher cipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int read() throws IOException {
        return fill() ? plain[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, limit - position);
        System.arraycopy(plain, position, bytes, offset, count);
        position += count;
        return count;
    }

    private boolean fill() throws IOException {
        while (position == limit && !ended) {
            if (header.isChunked()) {
                readChunk();
            } else {
                var message = source.readAllBytes();
                plain = new byte[Math.max(0, message.length - Container.TAG)];
                open(message, message.length);
                ended = true;
            }
        }
        return position < limit;
    }

    private void readChunk() throws IOException {
        int length = source.readNBytes(sealed, 0, sealed.length);
        // The last chunk is shorter than all others: one that is not there at all was cut off.
        if (length < Container.TAG) {
            throw failure.of("it is cut off");
        }
        open(sealed, length);
        ended = length < sealed.length;
        chunk++;
    }

    private void open(byte[] message, int length) {
        if (length < Container.TAG) {
            throw failure.of("it is cut off");
        }
        try {
            var nonce = Container.nonce(header.iv(), chunk);
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(Container.TAG * 8, nonce));
            limit = cipher.doFinal(message, 0, length, plain, 0);
            position = 0;
        } catch (AEADBadTagException e) {
            throw failure.of(NOT_AUTHENTIC);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
