package dev.holdfast.sqlfront.scan;

/** SQL text as it lies in a network buffer, in any encoding that keeps ASCII (all of PostgreSQL's do). */
public interface ByteText {
    byte at(int index);

    /** The index of the next {@code ;} in [from, to), or -1. */
    int indexOfSemicolon(int from, int to);
}
