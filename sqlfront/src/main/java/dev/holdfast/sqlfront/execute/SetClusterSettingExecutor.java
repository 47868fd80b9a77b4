package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.system.Setting;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.SetClusterSetting;
import java.sql.SQLException;
import java.util.List;

/** SET and RESET CLUSTER SETTING. */
final class SetClusterSettingExecutor implements StatementExecutor<SetClusterSetting> {
    private final Settings settings;

    SetClusterSettingExecutor(Settings settings) {
        this.settings = settings;
    }

    @Override
    public List<Column> columns(SetClusterSetting statement) {
        return List.of();
    }

    @Override
    public Result execute(SetClusterSetting statement, Parameters parameters, SessionFacts session, Signals signals)
            throws SQLException {
        Authorization.requireAdmin(session, "set cluster settings");
        TransactionRules.requireAlone(session, "SET CLUSTER SETTING cannot be used inside a multi-statement transaction");
        var setting = Setting.named(statement.name());
        if (statement.value().isPresent()) {
            settings.set(setting, parameters.text(statement.value().get()));
        } else {
            settings.reset(setting);
        }
        return Result.tag("SET CLUSTER SETTING");
    }
}
