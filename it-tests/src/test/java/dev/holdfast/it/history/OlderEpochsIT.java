package dev.holdfast.it.history;

import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestPostgres;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same on servers of other versions: {@code -Dholdfast.versions=15,16,17}. */
class OlderEpochsIT {
    static IntStream versions() {
        return Arrays.stream(System.getProperty("holdfast.versions", "15").split(",")).mapToInt(Integer::parseInt);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void definitionsChange(int version) throws Exception {
        try (var upstream = TestPostgres.start(version);
                var holdfast = TestHoldfast.inFrontOf(upstream)) {
            Epochs.proveThrough(holdfast, version, Telling.TOGETHER);
        }
    }
}
