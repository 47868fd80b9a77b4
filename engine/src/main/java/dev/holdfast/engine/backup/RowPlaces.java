package dev.holdfast.engine.backup;

import java.util.Arrays;

/** Where versions of rows lie in their table, PostgreSQL's {@code tid}: packed, because there may be many. */
final class RowPlaces {
    static final RowPlaces NONE = new RowPlaces(new long[0]);
    /** Behind the last block that a table can have. */
    static final long END = 1L << Integer.SIZE;

    private static final int OFFSET_BITS = 16;

    private final long[] sorted;

    private RowPlaces(long[] sorted) {
        this.sorted = sorted;
    }

    /** Collects them in any order. */
    static final class Builder {
        private long[] places = new long[64];
        private int size;

        /** {@code (block,offset)} */
        void add(String tid) {
            int comma = tid.indexOf(',');
            if (size == places.length) {
                places = Arrays.copyOf(places, 2 * size);
            }
            places[size++] = Long.parseLong(tid, 1, comma, 10) << OFFSET_BITS | Long.parseLong(tid, comma + 1, tid.length() - 1, 10);
        }

        RowPlaces build() {
            var sorted = Arrays.copyOf(places, size);
            Arrays.sort(sorted);
            return new RowPlaces(sorted);
        }
    }

    int size() {
        return sorted.length;
    }

    /** Those from one block on to before another one. */
    RowPlaces between(long fromBlock, long toBlock) {
        return new RowPlaces(Arrays.copyOfRange(sorted, indexOf(fromBlock), indexOf(toBlock)));
    }

    private int indexOf(long block) {
        int index = Arrays.binarySearch(sorted, block << OFFSET_BITS);
        return index < 0 ? -index - 1 : index;
    }

    /** As a literal of the type {@code tid[]}, without its quotes. */
    @Override
    public String toString() {
        var text = new StringBuilder("{");
        for (long place : sorted) {
            text.append(text.length() == 1 ? "\"(" : ",\"(").append(place >>> OFFSET_BITS).append(',').append(place & (1 << OFFSET_BITS) - 1).append(
                    ")\"");
        }
        return text.append('}').toString();
    }
}
