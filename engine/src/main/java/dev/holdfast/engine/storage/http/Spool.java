package dev.holdfast.engine.storage.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;

/** A whole object that waits to be sent, and can be sent again. */
interface Spool {
    BodyPublisher publisher() throws IOException;

    InputStream open() throws IOException;

    record InMemory(byte[] content) implements Spool {
        @Override
        public BodyPublisher publisher() {
            return BodyPublishers.ofByteArray(content);
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(content);
        }
    }

    record InFile(Path file) implements Spool {
        @Override
        public BodyPublisher publisher() throws IOException {
            return BodyPublishers.ofFile(file);
        }

        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }
    }
}
