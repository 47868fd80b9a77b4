package dev.holdfast.engine.backup;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.holdfast.engine.collection.ChecksummedOutput;
import dev.holdfast.engine.collection.FileEntry;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.ObjectWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * An object in {@code data/} while it is written: the streams of one large unit or of several small ones, each a zstd frame of
 * its own with its own checksum, so that each can be read alone.
 */
final class DataObject implements AutoCloseable {
    /** Fastest: with it compression keeps up with the server, and what level 3 would save is a few percent. */
    private static final int LEVEL = 1;

    /** For what is not about one table. */
    static final int NO_TABLE = -1;

    private final String path;
    private final ObjectWriter object;
    private final List<FileEntry> entries = new ArrayList<>();
    private long size;

    DataObject(ExternalStorage layer, String path) throws IOException {
        this.path = path;
        this.object = layer.write(path);
    }

    /** Whose stream it is. */
    record Subject(int database, int table, FileEntry.Content content, FileEntry.Format format) {}

    @FunctionalInterface
    interface Source {
        /** Writes the stream and returns how many rows it has. */
        long writeTo(OutputStream out) throws IOException, SQLException, InterruptedException;
    }

    void append(Subject subject, Source source) throws IOException, SQLException, InterruptedException {
        var checksummed = new ChecksummedOutput(object);
        long rows;
        long dataSize;
        try (var counted = new CountingStream(new ZstdOutputStreamNoFinalizer(checksummed, LEVEL))) {
            rows = source.writeTo(counted);
            dataSize = counted.count;
        }
        entries.add(new FileEntry(
                path,
                size,
                checksummed.size(),
                checksummed.sha256Hex(),
                subject.database(),
                subject.table(),
                subject.content(),
                subject.format(),
                Math.max(0, rows),
                dataSize));
        size += checksummed.size();
    }

    private static final class CountingStream extends OutputStream {
        private final OutputStream out;
        private long count;

        CountingStream(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            count += length;
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    long size() {
        return size;
    }

    List<FileEntry> entries() {
        return entries;
    }

    void commit() throws IOException {
        object.commit();
    }

    @Override
    public void close() throws IOException {
        object.close();
    }
}
