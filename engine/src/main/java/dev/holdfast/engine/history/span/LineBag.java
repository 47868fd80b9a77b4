package dev.holdfast.engine.history.span;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Lines, each with how often it is there; in a file when they are many. */
public final class LineBag implements AutoCloseable {
    private static final int IN_MEMORY = 64 * 1024;

    private final Path spillDirectory;
    private final List<Counted> memory = new ArrayList<>();
    private long memoryBytes;
    private SpillFile file;
    private long inFile;
    private long bytes;
    private long rows;

    private record Counted(int count, byte[] line) {}

    @FunctionalInterface
    public interface Consumer {
        void line(int count, byte[] line) throws IOException;
    }

    public LineBag(Path spillDirectory) {
        this.spillDirectory = spillDirectory;
    }

    public void add(int count, byte[] line) throws IOException {
        memory.add(new Counted(count, line));
        memoryBytes += line.length + 32;
        bytes += line.length + 32;
        rows += count;
        if (memoryBytes > IN_MEMORY) {
            if (file == null) {
                file = new SpillFile(spillDirectory);
            }
            for (var counted : memory) {
                file.out().writeInt(counted.count());
                file.out().writeInt(counted.line().length);
                file.out().write(counted.line());
            }
            inFile += memory.size();
            memory.clear();
            memoryBytes = 0;
        }
    }

    /** About what they would take in memory. */
    public long bytes() {
        return bytes;
    }

    /** With repetitions. */
    public long rows() {
        return rows;
    }

    /** May be called again; nothing may be added after the first time. */
    public void forEach(Consumer consumer) throws IOException {
        if (file != null) {
            try (var in = file.read()) {
                for (long i = 0; i < inFile; i++) {
                    int count = in.readInt();
                    var line = new byte[in.readInt()];
                    in.readFully(line);
                    consumer.line(count, line);
                }
            }
        }
        for (var counted : memory) {
            consumer.line(counted.count(), counted.line());
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
