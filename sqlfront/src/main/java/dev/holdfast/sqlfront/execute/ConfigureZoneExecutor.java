package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.backup.BackupRequest.TableTarget;
import dev.holdfast.engine.backup.TargetResolver;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.History;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.ConfigureZone;
import dev.holdfast.sqlfront.statement.Targets;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** ALTER ... CONFIGURE ZONE: whether the history of a database is kept, and how far back it, or that of a table, may be read. */
final class ConfigureZoneExecutor implements StatementExecutor<ConfigureZone> {
    private static final String TAG = "CONFIGURE ZONE";

    private final History history;
    private final Upstream upstream;

    ConfigureZoneExecutor(History history, Upstream upstream) {
        this.history = history;
        this.upstream = upstream;
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
        boolean discard = statement.options().isEmpty();
        switch (statement.target()) {
            case Targets.Databases databases when discard -> history.discard(databases.names().getFirst());
            case Targets.Databases databases -> history.configure(databases.names().getFirst(), on, ttl);
            case Targets.Tables tables -> {
                if (on.isPresent()) {
                    throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "the history of single tables cannot be switched")
                            .withHint("ALTER DATABASE ... CONFIGURE ZONE USING history = on | off is about all tables of a database.");
                }
                var table = table(tables.patterns().getFirst(), session);
                history.configureTable(table.database(), table.schema(), table.name(), ttl);
            }
            case Targets.Cluster cluster -> throw new IllegalStateException("the grammar has no zone of a cluster");
        }
        return Result.tag(TAG + " 1");
    }

    private TableTarget table(Targets.TablePattern pattern, SessionFacts session) throws SQLException {
        if (pattern.name().isEmpty()) {
            throw HoldfastException.of(SqlState.SYNTAX_ERROR, "a zone is of one table");
        }
        return new TargetResolver("ALTER TABLE", upstream, session.database(), session.schemas())
                .resolve(pattern.qualifiers(), pattern.name());
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
