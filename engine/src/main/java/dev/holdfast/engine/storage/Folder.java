package dev.holdfast.engine.storage;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;

/** A part of a place: the same interface, all names below a path. Closing it leaves the place open. */
public final class Folder implements ExternalStorage {
    private final ExternalStorage storage;
    private final String path;

    private Folder(ExternalStorage storage, String path) {
        this.storage = storage;
        this.path = path;
    }

    /** {@code path} may begin or end with a slash; the empty path is the place itself. */
    public static Folder of(ExternalStorage storage, String path) {
        var trimmed = path.startsWith("/") ? path.substring(1) : path;
        return new Folder(storage, trimmed.isEmpty() || trimmed.endsWith("/") ? trimmed : trimmed + "/");
    }

    @Override
    public List<String> list(String prefix, String delimiter) throws IOException {
        return storage.list(path + prefix, delimiter).stream()
                .map(name -> name.substring(path.length()))
                .toList();
    }

    @Override
    public boolean canList() {
        return storage.canList();
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        return storage.size(path + name);
    }

    @Override
    public InputStream read(String name, long offset) throws IOException {
        return storage.read(path + name, offset);
    }

    @Override
    public ObjectWriter write(String name) throws IOException {
        return storage.write(path + name);
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) throws IOException {
        return storage.putIfAbsent(path + name, content);
    }

    @Override
    public void delete(String name) throws IOException {
        storage.delete(path + name);
    }

    @Override
    public String describe(String name) {
        return storage.describe(path + name);
    }

    @Override
    public void close() {}
}
