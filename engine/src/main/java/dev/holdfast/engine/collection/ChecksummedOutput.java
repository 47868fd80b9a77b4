package dev.holdfast.engine.collection;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Counts and hashes what is written through it. Leaves the target open. */
public final class ChecksummedOutput extends OutputStream {
    private final OutputStream target;
    private final MessageDigest digest;
    private long size;

    public ChecksummedOutput(OutputStream target) {
        this.target = target;
        this.digest = sha256();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        target.write(bytes, offset, length);
        digest.update(bytes, offset, length);
        size += length;
    }

    @Override
    public void flush() throws IOException {
        target.flush();
    }

    @Override
    public void close() {}

    public long size() {
        return size;
    }

    /** In lower-case hexadecimal. Ends the hashing. */
    public String sha256Hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
