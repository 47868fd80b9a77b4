package dev.holdfast.engine.storage;

import java.io.IOException;
import java.io.OutputStream;

/** An object on its way into storage. Closed without {@link #commit}, it leaves nothing behind. */
public abstract class ObjectWriter extends OutputStream {
    /** Makes the object visible, whole and durable. */
    public abstract void commit() throws IOException;

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public abstract void write(byte[] bytes, int offset, int length) throws IOException;

    /** Discards what was written unless it was committed. */
    @Override
    public abstract void close() throws IOException;
}
