package dev.holdfast.it.history;

import dev.holdfast.it.support.TestHoldfast;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Definitions change in every way between increments and inside a layer's history: before and after it the restored database is
 * the one that was there, and in between the restore says what can be had.
 */
class EpochsIT {
    private static TestHoldfast holdfast;

    @BeforeAll
    static void start() throws Exception {
        holdfast = TestHoldfast.start();
    }

    @AfterAll
    static void stop() throws Exception {
        holdfast.close();
    }

    @ParameterizedTest
    @EnumSource
    void definitionsChange(Telling telling) throws Exception {
        Epochs.proveThrough(holdfast, 18, telling);
    }
}
