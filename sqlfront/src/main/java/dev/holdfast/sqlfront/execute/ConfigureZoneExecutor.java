package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.History;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.ConfigureZone;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** ALTER DATABASE ... CONFIGURE ZONE USING: whether its history is kept, and how long. */
final class ConfigureZoneExecutor implements StatementExecutor<ConfigureZone> {
    private static final String TAG = "CONFIGURE ZONE";

    private final History history;

    ConfigureZoneExecutor(History history) {
        this.history = history;
    }

    @Override
    public List<Column> columns(ConfigureZone statement) {
        return List.of();
    }

    @Override
    public Result execute(ConfigureZone statement, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException {
        Authorization.requireAdmin(session, "configure zones");
        TransactionRules.requireAlone(session, "CONFIGURE ZONE cannot be used inside a multi-statement transaction");
        Optional<Boolean> on = Optional.empty();
        Optional<Long> ttl = Optional.empty();
        for (var option : statement.options()) {
            var value = parameters.text(option.value()).toLowerCase(Locale.ROOT);
            switch (option.name()) {
                case "history" -> on = Optional.of(flag(value));
                case "gc.ttlseconds" -> ttl = Optional.of(seconds(value));
                default ->
                    throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "unsupported zone config parameter: \"" + option.name() + "\"")
                            .withHint("The parameters are history and gc.ttlseconds.");
            }
        }
        history.configure(statement.database(), on, ttl);
        return Result.tag(TAG + " 1");
    }

    private static boolean flag(String value) {
        return switch (value) {
            case "on", "true" -> true;
            case "off", "false" -> false;
            default -> throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "history takes on or off, not \"" + value + "\"");
        };
    }

    private static long seconds(String value) {
        try {
            long seconds = Long.parseLong(value);
            if (seconds > 0) {
                return seconds;
            }
        } catch (NumberFormatException e) {
            // The same answer as to a number that is none of seconds.
        }
        throw HoldfastException.of(
                SqlState.INVALID_PARAMETER_VALUE, "gc.ttlseconds takes a number of seconds greater than 0, not \"" + value + "\"");
    }
}
