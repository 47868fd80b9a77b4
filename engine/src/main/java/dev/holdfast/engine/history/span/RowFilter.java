package dev.holdfast.engine.history.span;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Takes the rows out of a table's export that are to be skipped, each as often as it is to be. Several connections may export
 * the table at once.
 *
 * <p>When there are more such rows than memory is meant for, the table is exported in several passes: each gives the rows of
 * its part only, a part being what hashes to it.
 */
public final class RowFilter {
    private static final long BYTES_PER_PART = 12 << 20;

    private final LineBag skipped;
    private final int parts;
    private int loaded = -1;
    private int unitsPerPart = 1;
    private int unitsDone;
    private Map<NetRows.Line, int[]> counts = Map.of();
    /** A bit for the hash of each of them: nearly all other rows pass without a look into the map, which would need the lock. */
    private long[] hashes = new long[1];
    private long left;

    /** {@code skipped}: lines with how often each is to be skipped, as positive numbers. */
    public RowFilter(LineBag skipped) {
        this.skipped = skipped;
        this.parts = Math.clamp((skipped.bytes() + BYTES_PER_PART - 1) / BYTES_PER_PART, 1, NetRows.PARTITIONS);
        this.left = skipped.rows();
    }

    public int parts() {
        return parts;
    }

    private int partOf(int hash) {
        return parts == 1 ? 0 : NetRows.partition(hash) * parts / NetRows.PARTITIONS;
    }

    /** Rows that differ in a digit have neighbouring hashes. */
    private int bit(int hash) {
        int mixed = hash * 0x85EBCA6B;
        return (mixed ^ mixed >>> 15) & hashes.length * Long.SIZE - 1;
    }

    /** In how many pieces each pass exports the table. */
    public void expect(int units) {
        unitsPerPart = units;
    }

    /** Waits until the passes before are complete: what is left to be skipped is known for one part at a time. */
    public synchronized void enter(int part) throws IOException, InterruptedException {
        while (unitsDone < part * unitsPerPart) {
            wait();
        }
        if (loaded != part) {
            load(part);
            loaded = part;
        }
    }

    private void load(int part) throws IOException {
        counts = new HashMap<>();
        skipped.forEach((count, line) -> {
            if (partOf(Arrays.hashCode(line)) == part) {
                counts.put(new NetRows.Line(line), new int[] {count});
            }
        });
        hashes = new long[Math.max(1, Integer.highestOneBit(counts.size()))];
        for (var line : counts.keySet()) {
            int bit = bit(line.hashCode());
            hashes[bit / Long.SIZE] |= 1L << bit;
        }
    }

    public synchronized void leave() {
        unitsDone++;
        if (unitsDone == parts * unitsPerPart) {
            counts = Map.of();
            hashes = new long[1];
        }
        notifyAll();
    }

    /** Whether the row belongs into the export of this part. */
    public boolean passes(byte[] line, int part) {
        int hash = Arrays.hashCode(line);
        if (partOf(hash) != part) {
            return false;
        }
        int bit = bit(hash);
        return (hashes[bit / Long.SIZE] & 1L << bit) == 0 || !isSkipped(line);
    }

    private synchronized boolean isSkipped(byte[] line) {
        var count = counts.get(new NetRows.Line(line));
        if (count == null || count[0] == 0) {
            return false;
        }
        count[0]--;
        left--;
        return true;
    }

    /** Rows that were to be skipped and have not come: then what was read is not what the stream has told about. */
    public synchronized long missing() {
        return left;
    }
}
