package dev.holdfast.engine.storage.http;

import dev.holdfast.engine.storage.ObjectWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * HTTP has no parts: an object is sent in one piece, and again from its beginning if that fails. Until then it waits, a large
 * one in a file that only this process may read.
 */
final class SpooledWriter extends ObjectWriter {
    private static final int MEMORY = 4 << 20;

    private final Sender sender;
    private ByteArrayOutputStream memory = new ByteArrayOutputStream();
    private Path file;
    private OutputStream fileOutput;

    @FunctionalInterface
    interface Sender {
        void send(Spool content) throws IOException;
    }

    SpooledWriter(Sender sender) {
        this.sender = sender;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (fileOutput == null && memory.size() + length > MEMORY) {
            // Temporary files are made with rights for their owner only.
            file = Files.createTempFile("holdfast-", ".upload");
            fileOutput = Files.newOutputStream(file);
            memory.writeTo(fileOutput);
            memory = null;
        }
        if (fileOutput == null) {
            memory.write(bytes, offset, length);
        } else {
            fileOutput.write(bytes, offset, length);
        }
    }

    @Override
    public void commit() throws IOException {
        if (fileOutput == null) {
            sender.send(new Spool.InMemory(memory.toByteArray()));
        } else {
            fileOutput.close();
            sender.send(new Spool.InFile(file));
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            fileOutput.close();
            Files.deleteIfExists(file);
        }
    }
}
