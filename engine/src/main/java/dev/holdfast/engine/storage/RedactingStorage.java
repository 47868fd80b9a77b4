package dev.holdfast.engine.storage;

import dev.holdfast.engine.error.HoldfastException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;

/** A place none of whose errors tells the secrets it was opened with. */
final class RedactingStorage extends StorageDecorator {
    private final Redactor redactor;

    RedactingStorage(ExternalStorage inner, Redactor redactor) {
        super(inner);
        this.redactor = redactor;
    }

    private <T> T cleanly(Retry.Attempt<T> call) throws IOException {
        try {
            return call.make();
        } catch (IOException e) {
            throw redactor.clean(e);
        } catch (HoldfastException e) {
            throw redactor.clean(e);
        }
    }

    @Override
    public List<String> list(String prefix, String delimiter) throws IOException {
        return cleanly(() -> inner.list(prefix, delimiter));
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        return cleanly(() -> inner.size(name));
    }

    @Override
    public InputStream read(String name, long offset) throws IOException {
        var source = cleanly(() -> inner.read(name, offset));
        return new InputStream() {
            @Override
            public int read() throws IOException {
                return cleanly(source::read);
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                return cleanly(() -> source.read(bytes, from, length));
            }

            @Override
            public void close() throws IOException {
                source.close();
            }
        };
    }

    @Override
    public ObjectWriter write(String name) throws IOException {
        var writer = cleanly(() -> inner.write(name));
        return new ObjectWriter() {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                cleanly(() -> {
                    writer.write(bytes, from, length);
                    return null;
                });
            }

            @Override
            public void commit() throws IOException {
                cleanly(() -> {
                    writer.commit();
                    return null;
                });
            }

            @Override
            public void close() throws IOException {
                cleanly(() -> {
                    writer.close();
                    return null;
                });
            }
        };
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) throws IOException {
        return cleanly(() -> inner.putIfAbsent(name, content));
    }

    @Override
    public void delete(String name) throws IOException {
        cleanly(() -> {
            inner.delete(name);
            return null;
        });
    }
}
