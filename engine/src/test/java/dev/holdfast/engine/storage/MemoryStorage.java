package dev.holdfast.engine.storage;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;

/** Objects in memory: the storage interface at its plainest. */
public final class MemoryStorage implements ExternalStorage {
    private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

    /** What is in it, to be looked at and damaged by tests. */
    public ConcurrentSkipListMap<String, byte[]> objects() {
        return objects;
    }

    @Override
    public List<String> list(String prefix, String delimiter) {
        var names = new TreeSet<String>();
        for (var name : objects.keySet()) {
            if (name.startsWith(prefix)) {
                int cut = delimiter.isEmpty() ? -1 : name.indexOf(delimiter, prefix.length());
                names.add(cut < 0 ? name : name.substring(0, cut + delimiter.length()));
            }
        }
        return List.copyOf(names);
    }

    @Override
    public boolean canList() {
        return true;
    }

    @Override
    public OptionalLong size(String name) {
        var object = objects.get(name);
        return object == null ? OptionalLong.empty() : OptionalLong.of(object.length);
    }

    @Override
    public InputStream read(String name, long offset) throws IOException {
        var object = objects.get(name);
        if (object == null) {
            throw new ObjectNotFoundException(describe(name));
        }
        return new ByteArrayInputStream(Arrays.copyOfRange(object, (int) Math.min(offset, object.length), object.length));
    }

    @Override
    public ObjectWriter write(String name) {
        var bytes = new ByteArrayOutputStream();
        return new ObjectWriter() {
            @Override
            public void write(byte[] source, int offset, int length) {
                bytes.write(source, offset, length);
            }

            @Override
            public void commit() {
                if (objects.putIfAbsent(name, bytes.toByteArray()) != null) {
                    throw HoldfastException.of(SqlState.DUPLICATE_FILE, describe(name) + " already exists");
                }
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) {
        return objects.putIfAbsent(name, content.clone()) == null;
    }

    @Override
    public void delete(String name) {
        objects.remove(name);
    }

    @Override
    public String describe(String name) {
        return "memory://test/" + name;
    }

    @Override
    public void close() {}
}
