package dev.holdfast.sqlfront.bind;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.sqlfront.statement.Expression;
import dev.holdfast.sqlfront.statement.Text;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Function;

/**
 * The instant that AS OF SYSTEM TIME names, by the upstream's clock: an interval before now, a timestamp (UTC unless it has a
 * zone), nanoseconds since 1970, or these with a logical part behind a decimal point.
 */
public final class SystemTime {
    /** A number with fewer digits is none of nanoseconds; it may be a date. */
    private static final int DIGITS_OF_NANOSECONDS = 15;

    private final Upstream upstream;
    private final Function<Text, String> texts;

    /** {@code texts}: the value of a literal or placeholder. */
    public SystemTime(Upstream upstream, Function<Text, String> texts) {
        this.upstream = upstream;
        this.texts = texts;
    }

    public Optional<Instant> bind(Optional<Expression> expression) throws SQLException {
        if (expression.isEmpty()) {
            return Optional.empty();
        }
        // The pinned settings make the time zone UTC.
        try (var connection = upstream.connect(upstream.uri().database(), "holdfast")) {
            var instant = instant(expression.get(), connection);
            var now = ask(connection, "select pg_catalog.clock_timestamp()").orElseThrow();
            if (instant.isAfter(now)) {
                throw HoldfastException.of(
                        SqlState.INVALID_PARAMETER_VALUE,
                        "AS OF SYSTEM TIME: cannot specify timestamp in the future (" + instant + " > " + now + ")");
            }
            return Optional.of(instant);
        }
    }

    private Instant instant(Expression expression, Connection connection) throws SQLException {
        return switch (expression) {
            case Expression.Number number -> nanoseconds(number.digits());
            case Expression.Interval interval ->
                interval(connection, interval.text()).orElseThrow(() -> unreadable(interval.text()));
            case Expression.OfText text -> text(texts.apply(text.text()).strip(), connection);
            case Expression.Call call -> call(call, connection);
        };
    }

    private static Instant text(String text, Connection connection) throws SQLException {
        if (text.matches("\\d{" + DIGITS_OF_NANOSECONDS + ",}(\\.\\d*)?")) {
            return nanoseconds(text);
        }
        var timestamp = ask(connection, "select ?::text::pg_catalog.timestamptz", text);
        if (timestamp.isPresent()) {
            return timestamp.get();
        }
        return interval(connection, text).orElseThrow(() -> unreadable(text));
    }

    private static Optional<Instant> interval(Connection connection, String text) throws SQLException {
        if (text.matches("-(\\d+(\\.\\d+)?(us|ms|s|m|h))+")) {
            // One duration with one sign; PostgreSQL would take the sign for the first number's alone.
            return ask(connection, "select pg_catalog.clock_timestamp() - ?::text::pg_catalog.interval", text.substring(1));
        }
        return ask(connection, "select pg_catalog.clock_timestamp() + ?::text::pg_catalog.interval", text);
    }

    private static Instant call(Expression.Call call, Connection connection) throws SQLException {
        return switch (call.function()) {
            case "follower_read_timestamp", "experimental_follower_read_timestamp" ->
                interval(connection, "-4.8s").orElseThrow();
            case "now", "current_timestamp", "clock_timestamp", "statement_timestamp", "transaction_timestamp" ->
                ask(connection, "select pg_catalog.clock_timestamp()").orElseThrow();
            default ->
                throw HoldfastException.of(
                        SqlState.SYNTAX_ERROR, "AS OF SYSTEM TIME: only constant expressions are allowed, not " + call.function() + "()");
        };
    }

    private static Instant nanoseconds(String digits) {
        BigInteger whole;
        try {
            whole = new BigDecimal(digits).toBigInteger();
        } catch (NumberFormatException e) {
            throw unreadable(digits);
        }
        if (whole.signum() <= 0) {
            throw HoldfastException.of(
                    SqlState.INVALID_PARAMETER_VALUE, "AS OF SYSTEM TIME: timestamp before 1970-01-01T00:00:00Z is invalid");
        }
        try {
            var micros = whole.divide(BigInteger.valueOf(1000)).longValueExact();
            return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        } catch (ArithmeticException | DateTimeException e) {
            throw unreadable(digits);
        }
    }

    private static HoldfastException unreadable(String text) {
        return HoldfastException.of(
                        SqlState.INVALID_PARAMETER_VALUE,
                        "AS OF SYSTEM TIME: value \"" + text + "\" is neither timestamp, decimal, nor interval")
                .withHint("Examples: '-10s', '2026-03-01 12:00:00', 1772366400000000000.");
    }

    /** Empty when the server does not take the text for that; the special values are no instants. */
    private static Optional<Instant> ask(Connection connection, String query, Object... parameters) throws SQLException {
        try {
            var time = Sql.one(connection, query, row -> row.getObject(1, OffsetDateTime.class), parameters);
            return time.equals(OffsetDateTime.MAX) || time.equals(OffsetDateTime.MIN)
                    ? Optional.empty()
                    : Optional.of(time.toInstant());
        } catch (SQLException e) {
            if (e.getSQLState() != null && e.getSQLState().startsWith("22")) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
