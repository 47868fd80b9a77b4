package dev.holdfast.engine.collection;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Reads exactly the bytes that the index promises and checks them: an object that is shorter, longer where it should end, or
 * different is an error before the end of the stream is reported to the reader.
 */
public final class ChecksummedInput extends InputStream {
    private final InputStream source;
    private final String name;
    private final String expected;
    private final MessageDigest digest = ChecksummedOutput.sha256();
    private long remaining;
    private boolean checked;

    /** {@code name} is for the error. */
    public ChecksummedInput(InputStream source, String name, long size, String sha256) {
        this.source = source;
        this.name = name;
        this.expected = sha256;
        this.remaining = size;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (remaining == 0) {
            check();
            return -1;
        }
        int count = source.read(bytes, offset, (int) Math.min(length, remaining));
        if (count < 0) {
            throw Damage.of(name, "it ends " + remaining + " bytes early");
        }
        digest.update(bytes, offset, count);
        remaining -= count;
        return count;
    }

    /** To be called by whoever stops before the end was reported: a decompressor knows where its data ends. */
    public void finish() throws IOException {
        var rest = new byte[8192];
        while (read(rest, 0, rest.length) >= 0) {}
    }

    private void check() {
        if (!checked) {
            var actual = HexFormat.of().formatHex(digest.digest());
            if (!actual.equals(expected)) {
                throw Damage.of(name, "checksum mismatch; expected " + expected + ", got " + actual);
            }
            checked = true;
        }
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
