package dev.holdfast.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.it.support.TestPostgres;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedPostgresIT {
    @ParameterizedTest
    @ValueSource(ints = {15, 16, 17, 18})
    void everyMajorVersionStarts(int version) throws Exception {
        try (var postgres = TestPostgres.start(version);
                var connection = postgres.upstream().connect("postgres", "test");
                var statement = connection.createStatement();
                var result = statement.executeQuery("select current_setting('server_version_num')::int / 10000")) {
            assertThat(result.next()).isTrue();
            assertThat(result.getInt(1)).isEqualTo(version);
        }
    }
}
