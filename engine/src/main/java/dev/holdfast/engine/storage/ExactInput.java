package dev.holdfast.engine.storage;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** An answer of announced length: a connection that breaks looks like its end to some HTTP clients. */
public final class ExactInput extends FilterInputStream {
    private long remaining;

    public ExactInput(InputStream in, long length) {
        super(in);
        this.remaining = length;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = super.read(bytes, offset, length);
        if (count < 0 && remaining > 0) {
            throw new IOException("the connection was closed " + remaining + " bytes before the end");
        }
        remaining -= Math.max(0, count);
        return count;
    }
}
