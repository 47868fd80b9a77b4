package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.history.History;
import dev.holdfast.engine.history.capture.Capture;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.ShowHistory;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A row for every database, and one for every table that has no history although its database has, or another limit. */
final class ShowHistoryExecutor implements StatementExecutor<ShowHistory> {
    private final History history;

    ShowHistoryExecutor(History history) {
        this.history = history;
    }

    @Override
    public List<Column> columns(ShowHistory statement) {
        return List.of(
                Column.text("database_name"),
                Column.text("table_name"),
                Column.text("history"),
                Column.timestamp("oldest_time"),
                Column.int8("wal_bytes"),
                Column.int8("lag_ms"),
                Column.timestamp("last_gap"),
                Column.text("reason"));
    }

    @Override
    public Result execute(ShowHistory statement, Parameters parameters, SessionFacts session, Signals signals) throws SQLException {
        Authorization.requireAdmin(session, "show history");
        var rows = new ArrayList<Object[]>();
        for (var line : history.lines()) {
            rows.add(new Object[] {
                line.database(),
                null,
                line.on() ? "on" : "off",
                line.oldest().orElse(null),
                line.walBytes(),
                line.lag().map(Duration::toMillis).orElse(null),
                line.gapAt().orElse(null),
                line.gap().orElse(null)
            });
            for (var table : line.tables()) {
                rows.add(new Object[] {line.database(), table.name(), "on", table.oldest().orElse(null), null, null, null, null});
            }
            for (Capture.Uncaptured table : line.uncaptured()) {
                rows.add(new Object[] {line.database(), table.name(), "off", null, null, null, null, table.reason()});
            }
        }
        return Result.rows("SHOW HISTORY", rows);
    }
}
