package dev.holdfast.engine.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.error.HoldfastException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamUriTest {
    @Test
    void takesAllPartsApart() {
        var uri = UpstreamUri.parse("postgresql://us%40er:p%2Fw%3A%25+@db.example:6432/my%20db?sslmode=verify-full&sslrootcert=/ca.pem");
        assertThat(uri.user()).isEqualTo("us@er");
        assertThat(uri.password()).contains("p/w:%+");
        assertThat(uri.host()).isEqualTo("db.example");
        assertThat(uri.port()).isEqualTo(6432);
        assertThat(uri.database()).isEqualTo("my db");
        assertThat(uri.tls()).isEqualTo(UpstreamUri.TlsMode.VERIFY_FULL);
        assertThat(uri.tlsFiles()).containsEntry("sslrootcert", "/ca.pem");
        assertThat(UpstreamUri.parse(uri.toSecretString())).isEqualTo(uri);
    }

    @Test
    void hasLibpqsDefaults() {
        var uri = UpstreamUri.parse("postgres://me@[::1]");
        assertThat(uri.host()).isEqualTo("::1");
        assertThat(uri.port()).isEqualTo(5432);
        assertThat(uri.database()).isEqualTo("postgres");
        assertThat(uri.tls()).isEqualTo(UpstreamUri.TlsMode.PREFER);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "postgresql://u:hunter2@h/db?sslmode=nonsense",
        "postgresql://u:hunter2@h/db?nonsense=1",
        "mysql://u:hunter2@h/db",
        "postgresql://u:hunter2@a,b/db",
        "postgresql://u:hunter2@h:99999999/db",
        "postgresql://u:hunter2@ /db",
        "postgresql://:hunter2@h/db",
    })
    void saysWhatIsWrongWithoutThePassword(String text) {
        assertThatThrownBy(() -> UpstreamUri.parse(text))
                .isInstanceOf(HoldfastException.class)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void showsNoPassword() {
        assertThat(UpstreamUri.parse("postgresql://u:hunter2@h/db").toString()).doesNotContain("hunter2").contains("redacted");
    }
}
