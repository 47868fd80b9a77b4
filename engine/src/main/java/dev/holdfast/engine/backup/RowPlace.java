package dev.holdfast.engine.backup;

/** Where a version of a row lies in its table: PostgreSQL's {@code tid}. */
record RowPlace(long block, int offset) {
    /** {@code (block,offset)} */
    static RowPlace parse(String text) {
        int comma = text.indexOf(',');
        return new RowPlace(Long.parseLong(text, 1, comma, 10), Integer.parseInt(text, comma + 1, text.length() - 1, 10));
    }

    @Override
    public String toString() {
        return "(" + block + "," + offset + ")";
    }
}
