package dev.holdfast.engine.history.span;

import java.io.IOException;
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

    private int partOf(byte[] line) {
        return parts == 1 ? 0 : NetRows.Line.partition(line) * parts / NetRows.PARTITIONS;
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
            counts = new HashMap<>();
            skipped.forEach((count, line) -> {
                if (partOf(line) == part) {
                    counts.put(new NetRows.Line(line), new int[] {count});
                }
            });
            loaded = part;
        }
    }

    public synchronized void leave() {
        unitsDone++;
        if (unitsDone == parts * unitsPerPart) {
            counts = Map.of();
        }
        notifyAll();
    }

    /** Whether the row belongs into the export of this part. */
    public boolean passes(byte[] line, int part) {
        if (partOf(line) != part) {
            return false;
        }
        var key = new NetRows.Line(line);
        synchronized (this) {
            var count = counts.get(key);
            if (count == null || count[0] == 0) {
                return true;
            }
            count[0]--;
            left--;
            return false;
        }
    }

    /** Rows that were to be skipped and have not come: then what was read is not what the stream has told about. */
    public synchronized long missing() {
        return left;
    }
}
