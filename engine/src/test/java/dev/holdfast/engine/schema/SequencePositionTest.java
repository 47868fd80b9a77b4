package dev.holdfast.engine.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SequencePositionTest {
    private static SequencePosition at(long value, boolean called, boolean descending) {
        return new SequencePosition(1, "s", "n", value, called, descending);
    }

    @Test
    void theOneThatHasGivenOutMore() {
        assertThat(at(5, true, false).beyond(at(9, false, false))).isEqualTo(at(9, false, false));
        assertThat(at(9, true, false).beyond(at(5, true, false))).isEqualTo(at(9, true, false));
        assertThat(at(-5, true, true).beyond(at(-9, true, true))).isEqualTo(at(-9, true, true));
        assertThat(at(-9, true, true).beyond(at(-5, true, true))).isEqualTo(at(-9, true, true));
        assertThat(at(1, false, false).beyond(at(1, true, false))).isEqualTo(at(1, true, false));
        assertThat(at(1, true, false).beyond(at(1, false, false))).isEqualTo(at(1, true, false));
    }
}
