package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.system.Setting;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.ShowClusterSetting;
import java.sql.SQLException;
import java.util.List;

final class ShowClusterSettingExecutor implements StatementExecutor<ShowClusterSetting> {
    private final Settings settings;

    ShowClusterSettingExecutor(Settings settings) {
        this.settings = settings;
    }

    @Override
    public List<Column> columns(ShowClusterSetting statement) {
        var setting = Setting.named(statement.name());
        return List.of(setting.typeCode() == 'b' ? Column.bool(setting.name()) : Column.text(setting.name()));
    }

    @Override
    public Result execute(ShowClusterSetting statement, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException {
        Authorization.requireAdmin(session, "show cluster settings");
        var setting = Setting.named(statement.name());
        Object value = setting.typeCode() == 'b' ? settings.get(setting) : settings.show(setting);
        return Result.row("SHOW", value);
    }
}
