package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.system.Setting;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.ShowAllClusterSettings;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

final class ShowAllClusterSettingsExecutor implements StatementExecutor<ShowAllClusterSettings> {
    private static final List<Column> COLUMNS = List.of(
            Column.text("variable"), Column.text("value"), Column.text("setting_type"), Column.text("description"));

    private final Settings settings;

    ShowAllClusterSettingsExecutor(Settings settings) {
        this.settings = settings;
    }

    @Override
    public List<Column> columns(ShowAllClusterSettings statement) {
        return COLUMNS;
    }

    @Override
    public Result execute(ShowAllClusterSettings statement, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException {
        Authorization.requireAdmin(session, "show cluster settings");
        var rows = new ArrayList<Object[]>();
        for (var setting : Setting.all()) {
            rows.add(new Object[] {
                setting.name(), settings.show(setting), String.valueOf(setting.typeCode()), setting.description()
            });
        }
        return Result.rows("SHOW CLUSTER SETTINGS", rows);
    }
}
