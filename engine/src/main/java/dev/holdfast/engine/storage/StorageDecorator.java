package dev.holdfast.engine.storage;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;

/** A place as it is, for those who change one thing about it. */
public abstract class StorageDecorator implements ExternalStorage {
    protected final ExternalStorage inner;

    protected StorageDecorator(ExternalStorage inner) {
        this.inner = inner;
    }

    @Override
    public List<String> list(String prefix, String delimiter) throws IOException {
        return inner.list(prefix, delimiter);
    }

    @Override
    public boolean canList() {
        return inner.canList();
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        return inner.size(name);
    }

    @Override
    public InputStream read(String name, long offset) throws IOException {
        return inner.read(name, offset);
    }

    @Override
    public ObjectWriter write(String name) throws IOException {
        return inner.write(name);
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) throws IOException {
        return inner.putIfAbsent(name, content);
    }

    @Override
    public void delete(String name) throws IOException {
        inner.delete(name);
    }

    @Override
    public String describe(String name) {
        return inner.describe(name);
    }

    @Override
    public void close() {
        inner.close();
    }
}
