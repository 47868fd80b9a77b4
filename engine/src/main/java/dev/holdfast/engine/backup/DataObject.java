package dev.holdfast.engine.backup;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.holdfast.engine.collection.ChecksummedOutput;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.ObjectWriter;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.copy.CopyOut;

/**
 * An object in {@code data/} while it is written: the COPY streams of one large unit or of several small ones, each a zstd
 * frame of its own with its own checksum, so that each can be read alone.
 */
final class DataObject implements AutoCloseable {
    /** Fastest: with it compression keeps up with the server, and what level 3 would save is a few percent. */
    private static final int LEVEL = 1;

    private final String path;
    private final ObjectWriter object;
    private final List<Frame> frames = new ArrayList<>();
    private long size;

    /** What was written of one unit. */
    record Frame(ReadUnit unit, long offset, long size, String sha256, long rows, long dataSize) {}

    DataObject(ExternalStorage layer, String path) throws IOException {
        this.path = path;
        this.object = layer.write(path);
    }

    /** Told after every piece that was read, of how many bytes. */
    interface Meter {
        void read(int bytes) throws InterruptedException;
    }

    void append(ReadUnit unit, CopyOut copy, Meter meter) throws IOException, SQLException, InterruptedException {
        var checksummed = new ChecksummedOutput(object);
        long dataSize = 0;
        try (var compressed = new ZstdOutputStreamNoFinalizer(checksummed, LEVEL)) {
            for (var piece = copy.readFromCopy(); piece != null; piece = copy.readFromCopy()) {
                compressed.write(piece);
                dataSize += piece.length;
                meter.read(piece.length);
            }
        }
        frames.add(new Frame(
                unit, size, checksummed.size(), checksummed.sha256Hex(), Math.max(0, copy.getHandledRowCount()), dataSize));
        size += checksummed.size();
    }

    String path() {
        return path;
    }

    long size() {
        return size;
    }

    List<Frame> frames() {
        return frames;
    }

    void commit() throws IOException {
        object.commit();
    }

    @Override
    public void close() throws IOException {
        object.close();
    }
}
