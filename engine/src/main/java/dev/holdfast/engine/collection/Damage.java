package dev.holdfast.engine.collection;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;

/** The error of a file that is not what the backup says it is. */
public final class Damage {
    private Damage() {}

    /** {@code file} as it may be shown; {@code how} completes the sentence "the file is damaged:". */
    public static HoldfastException of(String file, String how) {
        return HoldfastException.of(SqlState.DATA_CORRUPTED, "backup file " + file + " is damaged: " + how);
    }
}
