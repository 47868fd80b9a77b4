package dev.holdfast.it.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.it.support.TestPostgres;
import dev.holdfast.sqlfront.bind.SystemTime;
import dev.holdfast.sqlfront.statement.Statement;
import dev.holdfast.sqlfront.statement.StatementParser;
import dev.holdfast.sqlfront.statement.Text;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to write AS OF SYSTEM TIME. */
class SystemTimeIT {
    private static TestPostgres server;

    @BeforeAll
    static void start() throws Exception {
        server = TestPostgres.start(18);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    /** {@code placeholder}: the value of $1. */
    private static Optional<Instant> bind(String time, String placeholder) throws SQLException {
        var backup = (Statement.Backup) StatementParser.parse("BACKUP INTO 'c'" + (time.isEmpty() ? "" : " AS OF SYSTEM TIME " + time));
        return new SystemTime(server.upstream(), text -> switch (text) {
                    case Text.Literal literal -> literal.value();
                    case Text.Placeholder p -> placeholder;
                })
                .bind(backup.asOf());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            '''2026-01-02 03:04:05'''                  | 2026-01-02T03:04:05Z
            '''2026-01-02 03:04:05.123456'''           | 2026-01-02T03:04:05.123456Z
            '''2026-01-02 03:04:05+02'''               | 2026-01-02T01:04:05Z
            '''2026-01-02T03:04:05Z'''                 | 2026-01-02T03:04:05Z
            '''2026-01-02 03:04:05 Europe/Berlin'''    | 2026-01-02T02:04:05Z
            '''2026-01-02'''                           | 2026-01-02T00:00:00Z
            '''20260102'''                             | 2026-01-02T00:00:00Z
            1767323045000000000                        | 2026-01-02T03:04:05Z
            1767323045123456789                        | 2026-01-02T03:04:05.123456Z
            1767323045123456789.0000000001             | 2026-01-02T03:04:05.123456Z
            '''1767323045123456789'''                  | 2026-01-02T03:04:05.123456Z
            '''1767323045123456789.0000000001'''       | 2026-01-02T03:04:05.123456Z
            $1                                         | 2026-01-02T03:04:05.5Z
            "2026-01-02 03:04:05"                      | 2026-01-02T03:04:05Z
            """)
    void instants(String time, Instant expected) throws SQLException {
        assertThat(bind(time, " 2026-01-02 03:04:05.5 ")).contains(expected);
    }

    /** Intervals are PostgreSQL's, where each part has a sign of its own. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            '''-10s'''                                 | 10
            "-10s"                                     | 10
            '''-1h'''                                  | 3600
            '''-1m -30s'''                             | 90
            '''-1m30s'''                               | 90
            '''-00:00:10'''                            | 10
            '''-1 day -2 hours'''                      | 93600
            INTERVAL '-10s'                            | 10
            INTERVAL '-1 hour'                         | 3600
            $1                                         | 20
            follower_read_timestamp()                  | 4.8
            now()                                      | 0
            """)
    void beforeNow(String time, double seconds) throws SQLException {
        var expected = Instant.now().minusMillis((long) (seconds * 1000));
        assertThat(bind(time, "-20s").orElseThrow()).isCloseTo(expected, within(5, ChronoUnit.SECONDS));
    }

    @Test
    void nothing() throws SQLException {
        assertThat(bind("", "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"'10s'", "'2099-01-01'", "4070908800000000000", "INTERVAL '1h'", "$1"})
    void theFuture(String time) {
        var error = catchThrowableOfType(HoldfastException.class, () -> bind(time, "1 minute"));
        assertThat((Throwable) error).hasMessageStartingWith("AS OF SYSTEM TIME: cannot specify timestamp in the future (");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'yesterday evening'", "''", "'infinity'", "'-infinity'", "'-'", "INTERVAL 'x'", "'1e18'", "99999999999999999999999999999"
            })
    void noTime(String time) {
        var error = catchThrowableOfType(HoldfastException.class, () -> bind(time, ""));
        assertThat((Throwable) error).as(time).isNotNull();
        assertThat(error.getMessage()).contains("is neither timestamp, decimal, nor interval");
        assertThat(error.state().code()).isEqualTo("22023");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "0.5"})
    void tooLongAgo(String time) {
        var error = catchThrowableOfType(HoldfastException.class, () -> bind(time, ""));
        assertThat((Throwable) error).hasMessage("AS OF SYSTEM TIME: timestamp before 1970-01-01T00:00:00Z is invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"random()", "pg_sleep(1)"})
    void otherFunctions(String time) {
        var error = catchThrowableOfType(HoldfastException.class, () -> bind(time, ""));
        assertThat((Throwable) error).hasMessageContaining("only constant expressions are allowed");
    }
}
