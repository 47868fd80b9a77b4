package dev.holdfast.engine.collection;

import dev.holdfast.engine.crypto.Container;
import dev.holdfast.engine.crypto.DataKey;
import dev.holdfast.engine.crypto.DecryptingInput;
import dev.holdfast.engine.crypto.EncryptingOutput;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.ObjectWriter;
import dev.holdfast.engine.storage.StorageDecorator;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** A place whose objects are encrypted on the way in and decrypted on the way out. Names stay as they are. */
final class EncryptedStorage extends StorageDecorator {
    private static final int HEADERS = 256;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final DataKey key;

    /** Of objects that hold many small pieces: each piece would otherwise cost two requests instead of one. */
    private final Map<String, DecryptingInput.Header> headers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, DecryptingInput.Header> eldest) {
            return size() > HEADERS;
        }
    };

    EncryptedStorage(ExternalStorage inner, DataKey key) {
        super(inner);
        this.key = key;
    }

    /** Of the plain text. */
    @Override
    public OptionalLong size(String name) throws IOException {
        var size = inner.size(name);
        return size.isEmpty() ? size : OptionalLong.of(Container.plainSize(size.getAsLong()));
    }

    @Override
    public InputStream read(String name, long offset) throws IOException {
        DecryptingInput.Failure damaged = why -> Damage.of(inner.describe(name), why);
        if (offset == 0) {
            return closingOnFailure(inner.read(name), source -> DecryptingInput.open(source, key, damaged));
        }
        var header = header(name, damaged);
        if (!header.isChunked()) {
            return closingOnFailure(inner.read(name), source -> {
                var in = DecryptingInput.open(source, key, damaged);
                in.skipNBytes(offset);
                return in;
            });
        }
        return closingOnFailure(
                inner.read(name, DecryptingInput.chunkStart(offset)),
                source -> DecryptingInput.openAt(source, offset, key, header, damaged));
    }

    private DecryptingInput.Header header(String name, DecryptingInput.Failure damaged) throws IOException {
        synchronized (headers) {
            var known = headers.get(name);
            if (known != null) {
                return known;
            }
        }
        try (var in = inner.read(name)) {
            var header = DecryptingInput.Header.read(in, damaged);
            synchronized (headers) {
                headers.put(name, header);
            }
            return header;
        }
    }

    private interface Opening {
        InputStream of(InputStream source) throws IOException;
    }

    private static InputStream closingOnFailure(InputStream source, Opening opening) throws IOException {
        try {
            return opening.of(source);
        } catch (IOException | RuntimeException e) {
            source.close();
            throw e;
        }
    }

    @Override
    public ObjectWriter write(String name) throws IOException {
        var object = inner.write(name);
        try {
            return new EncryptingWriter(object, new EncryptingOutput(object, key, RANDOM));
        } catch (IOException | RuntimeException e) {
            object.close();
            throw e;
        }
    }

    private static final class EncryptingWriter extends ObjectWriter {
        private final ObjectWriter object;
        private final EncryptingOutput encrypted;

        EncryptingWriter(ObjectWriter object, EncryptingOutput encrypted) {
            this.object = object;
            this.encrypted = encrypted;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            encrypted.write(bytes, offset, length);
        }

        @Override
        public void commit() throws IOException {
            encrypted.finish();
            object.commit();
        }

        @Override
        public void close() throws IOException {
            object.close();
        }
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) throws IOException {
        return inner.putIfAbsent(name, Container.seal(content, key, RANDOM));
    }
}
