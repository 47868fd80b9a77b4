package dev.holdfast.engine.crypto.kms;

import java.io.IOException;

/** One master key of a key management service. */
public interface Kms extends AutoCloseable {
    byte[] encrypt(byte[] plain) throws IOException;

    byte[] decrypt(byte[] encrypted) throws IOException;

    @Override
    void close();
}
