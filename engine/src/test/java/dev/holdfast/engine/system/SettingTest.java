package dev.holdfast.engine.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.error.HoldfastException;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingTest {
    /** What people see is rounded; what is stored must not be. */
    @ParameterizedTest
    @ValueSource(strings = {"48MB", "1", "1.5GB", "64 MiB", "123456789", "45.8 MiB"})
    void aSizeIsStoredExactly(String text) {
        var setting = Setting.HISTORY_MAX_WAL;
        long size = setting.parse(text);
        assertThat(setting.parse(setting.exact(size))).isEqualTo(size);
        assertThat(setting.parse(setting.format(size))).isCloseTo(size, Percentage.withPercentage(5));
    }

    @Test
    void everyDefaultCanBeStored() {
        Setting.all().forEach(SettingTest::assertStored);
    }

    private static <T> void assertStored(Setting<T> setting) {
        assertThat(setting.parse(setting.exact(setting.defaultValue()))).as(setting.name()).isEqualTo(setting.defaultValue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "much", "-1", "1 XB", "99999999999TB"})
    void whatIsNoSize(String text) {
        assertThatThrownBy(() -> Setting.HISTORY_MAX_WAL.parse(text)).isInstanceOf(HoldfastException.class);
    }

    @Test
    void aChoiceIsOneOfThose() {
        assertThat(Setting.HISTORY_ON_LIMIT.parse("ALERT")).isEqualTo("alert");
        assertThatThrownBy(() -> Setting.HISTORY_ON_LIMIT.parse("explode"))
                .hasMessageContaining("invalid value for cluster setting \"history.on_limit\"");
    }
}
