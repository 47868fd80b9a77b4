package dev.holdfast.engine.schema.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.schema.DatabaseSetting;
import org.junit.jupiter.api.Test;

class SettingsTest {
    @Test
    void aValueIsOneString() {
        assertThat(Settings.parse(null, "work_mem=8MB")).isEqualTo(new DatabaseSetting(null, "work_mem", "'8MB'"));
        assertThat(Settings.parse("r", "my.own=a=b'c, d").value()).isEqualTo("'a=b''c, d'");
    }

    @Test
    void aListOfNamesIsTakenApart() {
        assertThat(Settings.parse(null, "search_path=\"$user\", public, \"a, \"\"b\"").value())
                .isEqualTo("'$user', 'public', 'a, \"b'");
        assertThat(Settings.parse(null, "search_path=\"\"").value()).isEqualTo("''");
        assertThat(Settings.parse(null, "search_path=").value()).isEqualTo("''");
    }

    @Test
    void becomesAStatement() {
        assertThat(Settings.parse("a\"b", "datestyle=German").statement("d"))
                .isEqualTo("ALTER ROLE \"a\"\"b\" IN DATABASE \"d\" SET \"datestyle\" TO 'German'");
        assertThat(Settings.parse(null, "datestyle=German").statement("d"))
                .isEqualTo("ALTER DATABASE \"d\" SET \"datestyle\" TO 'German'");
    }
}
