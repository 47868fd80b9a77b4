package dev.holdfast.engine.history.span;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The net signed multiset of row images: how many more, or fewer, of each there are. The order of changes does not matter to
 * it, so it is right for keys that are passed on within a transaction, and for tables without keys.
 *
 * <p>What does not fit into memory is spread over files by hash; equal images meet in the same one.
 */
public final class NetRows implements AutoCloseable {
    static final int PARTITIONS = 64;
    private static final int OVERHEAD = 96;

    private final Path spillDirectory;
    private final long memory;
    private final Map<Image, int[]> counts = new HashMap<>();
    private long bytes;
    private SpillFile[] partitions;

    private record Image(long table, Line line) {}

    @FunctionalInterface
    public interface Consumer {
        /** {@code count} is not 0. */
        void net(long table, int count, byte[] line) throws IOException;
    }

    public NetRows(Path spillDirectory, long memory) {
        this.spillDirectory = spillDirectory;
        this.memory = memory;
    }

    public void add(long table, int count, byte[] line) throws IOException {
        var image = new Image(table, new Line(line));
        var present = counts.get(image);
        if (present == null) {
            counts.put(image, new int[] {count});
            bytes += line.length + OVERHEAD;
            if (bytes > memory) {
                spill();
            }
        } else {
            present[0] += count;
            if (present[0] == 0) {
                counts.remove(image);
                bytes -= line.length + OVERHEAD;
            }
        }
    }

    public boolean isEmpty() {
        return counts.isEmpty() && partitions == null;
    }

    private void spill() throws IOException {
        if (partitions == null) {
            partitions = new SpillFile[PARTITIONS];
            for (int i = 0; i < PARTITIONS; i++) {
                partitions[i] = new SpillFile(spillDirectory);
            }
        }
        for (var entry : counts.entrySet()) {
            var line = entry.getKey().line();
            var out = partitions[partition(line.hashCode())].out();
            out.writeLong(entry.getKey().table());
            out.writeInt(entry.getValue()[0]);
            out.writeInt(line.bytes().length);
            out.write(line.bytes());
        }
        counts.clear();
        bytes = 0;
    }

    /** Everything, once: tables come in any order, and in several pieces. */
    public void forEach(Consumer consumer) throws IOException {
        if (partitions == null) {
            emit(consumer);
            return;
        }
        spill();
        for (int i = 0; i < PARTITIONS; i++) {
            try (var in = partitions[i].read()) {
                while (true) {
                    long table;
                    try {
                        table = in.readLong();
                    } catch (EOFException end) {
                        break;
                    }
                    int count = in.readInt();
                    var line = new byte[in.readInt()];
                    in.readFully(line);
                    counts.computeIfAbsent(new Image(table, new Line(line)), image -> new int[1])[0] += count;
                }
            }
            partitions[i].close();
            emit(consumer);
            counts.clear();
        }
    }

    private void emit(Consumer consumer) throws IOException {
        for (var entry : counts.entrySet()) {
            if (entry.getValue()[0] != 0) {
                consumer.net(entry.getKey().table(), entry.getValue()[0], entry.getKey().line().bytes());
            }
        }
    }

    @Override
    public void close() throws IOException {
        counts.clear();
        if (partitions != null) {
            for (var partition : partitions) {
                partition.close();
            }
        }
    }

    static int partition(int hash) {
        return hash * 0x9E3779B9 >>> 26;
    }

    /** Bytes that are equal when their contents are. */
    record Line(byte[] bytes) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Line line && Arrays.equals(bytes, line.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }
}
